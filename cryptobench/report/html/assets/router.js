const overview = overviewView();
const places = new Map(); // how far each part was scrolled when it was left
let shownHash = null, turnNumber = 0;

const dispatch = (hash) => {
  const [name, ...rest] = hash.replace(/^#/, "").split("&");
  const parameters = new URLSearchParams(rest.join("&"));
  const decoded = (text) => { try { return decodeURIComponent(text); } catch { return text; } };
  if (name.startsWith("cipher=")) return { part: "cipher", name: decoded(name.slice(7)), at: parameters.get("at") };
  if (name === "cipher") return { part: "cipher", name: data.ciphers[0].name };
  if (name.startsWith("table-")) return { part: "tables", name: decoded(name.slice(6)) };
  if (name === "tables") return { part: "tables", name: data.tables[0]?.name };
  if (name === "run" || name === "everything") return { part: name };
  return { part: "overview", parameters };
};

async function show() {
  const arriving = visiting;
  visiting = false;
  const turn = ++turnNumber, hash = location.hash || "#overview", to = dispatch(hash), from = shownHash && dispatch(shownHash);
  if (shownHash !== null) places.set(shownHash.split("&at=")[0], window.scrollY);
  for (const link of byId("nav").children) {
    const own = dispatch(link.getAttribute("href")).part === to.part;
    own ? link.setAttribute("aria-current", "page") : link.removeAttribute("aria-current");
  }
  const other = byId("view-other");
  if (to.part === "overview") {
    readView(to.parameters);
    overview.refresh();
  } else if (!(to.part === "cipher" && from?.part === "cipher" && from.name === to.name && other.childElementCount)) {
    other.setAttribute("aria-busy", "true");
    let made;
    try {
      made = await partOf(to);
    } catch (error) {
      made = h("p", { class: "notice" }, `This part cannot be displayed: ${error.message}.`);
    }
    if (turn !== turnNumber) return;
    other.replaceChildren(made);
    other.removeAttribute("aria-busy");
    for (const list of other.querySelectorAll(".list")) {
      const here = list.querySelector("[aria-current]");
      if (here) list.scrollTop = here.offsetTop - list.clientHeight / 2;
    }
  }
  byId("view-overview").hidden = to.part !== "overview";
  other.hidden = to.part === "overview";
  const title = { overview: "Overview", cipher: to.name, tables: tableNamed.get(to.name)?.title ?? "Tables", run: "The run", everything: "Everything" }[to.part];
  document.title = `${title} · ${data.name}`;
  other.setAttribute("aria-label", title);
  const same = from && from.part === to.part && from.name === to.name;
  shownHash = hash;
  if (to.at) {
    const target = [...other.querySelectorAll("[id]")].find((element) => element.id === to.at);
    if (target) {
      if (target.tagName === "DETAILS") target.open = true;
      target.scrollIntoView({ block: "start" });
      return;
    }
  }
  if (!same) window.scrollTo(0, arriving ? 0 : places.get(hash.split("&at=")[0]) ?? 0);
}

const partOf = (to) => {
  if (to.part === "cipher") return cipherNamed.has(to.name) ? cipherView(to.name) : lost(`There is no cipher named ${to.name}.`);
  if (to.part === "tables") return tableNamed.has(to.name) ? tableView(to.name) : lost(to.name === undefined ? "This run has no tables." : `There is no table named ${to.name}.`);
  return to.part === "run" ? runView() : everythingView();
};
const lost = (text) => h("p", { class: "notice" }, `${text} `, h("a", { href: "#overview" }, "To the overview"));

// A step back or forward through the history returns to where the part was left; any other visit starts at its top.
let visiting = false;
function visit(hash) {
  visiting = true;
  location.hash = hash;
}
window.addEventListener("hashchange", show);
document.addEventListener("click", (event) => { if (event.target.closest?.("a[href^='#']")) visiting = true; });

function step(by) {
  const here = dispatch(location.hash);
  if (here.part === "cipher") {
    const to = neighbours(here.name)[by > 0 ? 1 : 0];
    if (to) visit(addressOf.cipher(to));
  } else if (here.part === "tables") {
    const to = data.tables[data.tables.findIndex((table) => table.name === here.name) + by];
    if (to) visit(addressOf.table(to.name));
  } else if (here.part === "overview") {
    const rows = [...document.querySelectorAll("#matrix tbody tr")], place = rows.findIndex((row) => row.contains(document.activeElement));
    rows[Math.min(Math.max(place + by, 0), rows.length - 1)]?.querySelector("th a").focus();
  }
}

function escape() {
  const field = document.activeElement;
  if (field?.matches?.("input")) {
    if (field.value) { field.value = ""; field.dispatchEvent(new Event("input", { bubbles: true })); } else field.blur();
  } else if (dispatch(location.hash).part !== "overview") visit(viewAddress());
  else if (viewAddress() !== "#overview") byId("reset").click();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || byId("keys").open) return;
  const typing = event.target.matches?.("input, select, textarea");
  if (event.key === "Escape") return escape();
  if (typing) return;
  const visible = dispatch(location.hash).part === "overview" ? byId("view-overview") : byId("view-other");
  const inScroller = event.target.closest?.("pre, .grid");
  const actions = {
    "/": () => { visible.querySelector("input[type=search]")?.focus(); },
    j: () => step(1), k: () => step(-1),
    ArrowRight: inScroller ? null : () => step(1), ArrowLeft: inScroller ? null : () => step(-1),
    o: () => visit(viewAddress()), t: () => visit("#tables"), r: () => visit("#run"),
    "?": () => byId("keys").showModal(),
  };
  if (event.key.startsWith("Arrow") && dispatch(location.hash).part === "overview") return;
  if (!actions[event.key]) return;
  event.preventDefault();
  actions[event.key]();
});

const THEMES = ["auto", "light", "dark"];
function theme(name) {
  if (name === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = name;
  byId("theme").textContent = `Theme: ${name}`;
  byId("theme").dataset.name = name;
}
function remembered() {
  try { return localStorage.getItem("cryptobench-theme"); } catch { return null; }
}
byId("theme").addEventListener("click", (event) => {
  const name = THEMES[(THEMES.indexOf(event.currentTarget.dataset.name) + 1) % THEMES.length];
  theme(name);
  try { localStorage.setItem("cryptobench-theme", name); } catch { /* a browser may keep nothing for files */ }
});
theme(THEMES.includes(remembered()) ? remembered() : "auto");

byId("help").addEventListener("click", () => byId("keys").showModal());
byId("skip").addEventListener("click", () => byId("main").focus());
fill(byId("brand"), {}, ["cryptobench ", h("span", {}, data.name)]);
byId("view-overview").append(overview.element);
show();
