// Themes, sorting, filters and copying; every page can be read without it.
const THEMES = ["auto", "light", "dark"];
const root = document.documentElement;
const kept = () => { try { return localStorage.getItem("theme"); } catch { return null; } };
function theme(name) {
  if (name === "auto") delete root.dataset.theme;
  else root.dataset.theme = name;
  return name;
}
let themed = theme(THEMES.includes(kept()) ? kept() : "auto");

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function themeButton() {
  const button = make("button", { type: "button", class: "tool", id: "theme" }, `Theme: ${themed}`);
  button.addEventListener("click", () => {
    themed = theme(THEMES[(THEMES.indexOf(themed) + 1) % THEMES.length]);
    button.textContent = `Theme: ${themed}`;
    try { localStorage.setItem("theme", themed); } catch { /* a browser may keep nothing for files */ }
  });
  document.querySelector(".bar").append(button);
}

// What a cell is sorted by: its data-key, a number where it is one, or its text; a dash is a gap.
function keyOf(cell) {
  const text = cell.dataset.key ?? cell.textContent.trim();
  if (text === "" || text === "–") return null;
  if (text === "Infinity" || text === "-Infinity") return Number(text);
  return text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}
const choiceOf = (cell) => (cell.querySelector(".verdict") ?? cell).firstChild?.nodeName === "svg"
  ? cell.querySelector(".verdict").textContent.trim()
  : [...(cell.querySelector(".verdict") ?? cell).childNodes].filter((node) => node.nodeName !== "SUP").map((node) => node.textContent).join("").trim();

class Sorted {
  constructor(table, first) {
    this.table = table;
    this.heads = [...table.tHead.rows[0].cells];
    this.rows = [...table.tBodies[0].rows];
    this.titles = this.heads.map((head) => head.textContent.trim());
    this.by = -1;
    this.step = 1;
    this.query = "";
    this.chosen = new Map();
    this.named = first; // the first table of a page keeps its view in the address
    this.heads.forEach((head, place) => {
      const button = make("button", { type: "button", title: head.title || `sort by ${this.titles[place]}` }, ...head.childNodes);
      head.replaceChildren(button);
      head.setAttribute("aria-sort", "none");
      button.addEventListener("click", () => this.turn(place));
    });
    const filtered = this.heads.flatMap((head, place) => ("filter" in head.dataset ? [place] : []));
    if (filtered.length || "searched" in table.dataset) this.panel(filtered);
  }

  panel(filtered) {
    this.search = make("input", { type: "search", "aria-label": `search in ${this.table.ariaLabel}`, placeholder: this.named ? "search  ( / )" : "search" });
    this.search.addEventListener("input", () => { this.query = this.search.value.trim(); this.draw(); });
    this.selects = filtered.map((place) => {
      const values = new Map(this.rows.map((row) => [choiceOf(row.cells[place]), keyOf(row.cells[place])]));
      const sorted = [...values].sort(([, a], [, b]) => compare(a, b)).map(([value]) => value);
      const select = make("select", { "aria-label": this.titles[place] }, make("option", { value: "" }, "all"), ...sorted.map((value) => make("option", { value }, value)));
      select.addEventListener("change", () => { this.chosen.set(place, select.value); this.draw(); });
      return [place, select];
    });
    this.count = make("span", { class: "count", role: "status" });
    const reset = make("button", { type: "button" }, "Reset");
    reset.addEventListener("click", () => { this.read(new URLSearchParams()); this.draw(); });
    const panel = make("div", { class: "filters", role: "search" }, make("label", {}, "search", this.search),
      ...this.selects.map(([place, select]) => make("label", {}, this.titles[place], select)), reset, this.count);
    this.none = make("p", { class: "empty" }, "No row fits these filters.");
    const fold = make("details", { class: "filtering" }, make("summary", {}, filtered.length ? "Search and filter" : "Search"), panel);
    fold.open = innerWidth > 640;
    this.table.closest(".frame").prepend(fold);
    this.table.closest(".scroll").after(this.none);
  }

  turn(place) {
    if (this.by !== place) [this.by, this.step] = [place, 1];
    else if (this.step > 0) this.step = -1;
    else [this.by, this.step] = [-1, 1];
    this.draw();
  }

  draw(keep = true) {
    const shown = this.rows.filter((row) => (!this.query || matches(row.textContent, this.query))
      && [...this.chosen].every(([place, value]) => !value || choiceOf(row.cells[place]) === value));
    if (this.by >= 0) {
      const keys = new Map(shown.map((row) => [row, keyOf(row.cells[this.by])]));
      shown.sort((a, b) => compare(keys.get(a), keys.get(b), this.step));
    }
    this.table.tBodies[0].replaceChildren(...shown);
    this.heads.forEach((head, place) => head.setAttribute("aria-sort", place !== this.by ? "none" : this.step > 0 ? "ascending" : "descending"));
    if (this.count) {
      this.count.textContent = shown.length === this.rows.length ? `${shown.length} rows` : `${shown.length} of ${this.rows.length} rows`;
      this.none.hidden = shown.length > 0;
    }
    if (keep && this.named) history.replaceState(null, "", `#${this.address()}`);
  }

  address() {
    const view = new URLSearchParams();
    if (this.query) view.set("search", this.query);
    for (const [place, value] of this.chosen) if (value) view.set(this.titles[place], value);
    if (this.by >= 0) view.set("sort", `${this.titles[this.by]}${this.step < 0 ? " down" : ""}`);
    return view.toString();
  }

  read(view) {
    this.query = view.get("search") ?? "";
    if (this.search) this.search.value = this.query;
    for (const [place, select] of this.selects ?? []) {
      const value = view.get(this.titles[place]) ?? "";
      select.value = [...select.options].some((option) => option.value === value) ? value : "";
      this.chosen.set(place, select.value);
    }
    const sort = view.get("sort") ?? "";
    this.step = sort.endsWith(" down") ? -1 : 1;
    this.by = this.titles.indexOf(sort.replace(/ down$/, ""));
  }
}

// The line about scrolling stands only where a table is wider than its frame.
function fit(frame) {
  const scroll = frame.querySelector(".scroll");
  frame.classList.toggle("fits", scroll.scrollWidth <= scroll.clientWidth + 1);
}

// One cell of a matrix is reached by Tab, the others by arrows.
function walk(table) {
  const cells = [...table.tBodies[0].rows].map((row) => [...row.querySelectorAll("a.cell")]);
  if (!cells[0]?.length) return;
  cells[0][0].tabIndex = 0;
  table.addEventListener("keydown", (event) => {
    const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    const down = cells.findIndex((row) => row.includes(event.target));
    if (!move || down < 0 || event.altKey || event.ctrlKey || event.metaKey) return;
    const to = cells[down + move[0]]?.[cells[down].indexOf(event.target) + move[1]];
    event.preventDefault();
    if (!to) return;
    event.target.tabIndex = -1;
    to.tabIndex = 0;
    to.focus();
  });
}

function copyButton(block) {
  const button = make("button", { type: "button" }, "Copy");
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(block.querySelector("code").textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(block.querySelector("code"));
      button.textContent = "Selected";
    }
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
  block.append(button);
}

// A link into a part that is folded away opens it.
function unfold() {
  let id = location.hash.slice(1);
  try { id = decodeURIComponent(id); } catch { /* as it is */ }
  const target = document.getElementById(id);
  const fold = target?.closest("details");
  if (!fold) return;
  fold.open = true;
  target.scrollIntoView();
}

document.addEventListener("DOMContentLoaded", () => {
  themeButton();
  const sorted = [...document.querySelectorAll("table[data-sorts]")].map((table, place) =>
    new Sorted(table, place === 0 && !location.pathname.includes("/ciphers/")));
  const first = sorted[0];
  const read = () => { if (first?.named) { first.read(new URLSearchParams(location.hash.slice(1))); first.draw(false); } };
  sorted.forEach((one) => one.draw(false));
  read();
  addEventListener("hashchange", () => { read(); unfold(); });
  document.querySelectorAll("table.matrix").forEach(walk);
  document.querySelectorAll(".command").forEach(copyButton);
  const frames = [...document.querySelectorAll(".frame")];
  const watcher = new ResizeObserver((entries) => entries.forEach((entry) => fit(entry.target.closest(".frame"))));
  frames.forEach((frame) => { fit(frame); watcher.observe(frame.querySelector(".scroll")); });
  unfold();
  document.addEventListener("keydown", (event) => {
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select, textarea")) return;
    if (!first?.search) return;
    event.preventDefault();
    first.search.closest("details").open = true;
    first.search.focus();
  });
});
