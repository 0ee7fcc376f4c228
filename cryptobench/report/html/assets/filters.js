// What the overview shows and how it is sorted; it is kept in the address, so a view can be linked to.
const NAMED = ["test", "state", "attack", "outcome", "q", "sort", ...data.judgements];
const view = { families: new Set(), mode: "own", step: 1, ...Object.fromEntries(NAMED.map((name) => [name, ""])) };

function viewAddress() {
  const parts = ["overview"];
  const add = (name, value) => value && parts.push(`${name}=${encodeURIComponent(value)}`);
  add("family", [...view.families].join(","));
  for (const name of NAMED) add(name, view[name]);
  add("nonce", view.mode === "fixed" ? "fixed" : "");
  add("order", view.sort && view.step < 0 ? "descending" : "");
  return `#${parts.join("&")}`;
}

function readView(parameters) {
  const families = new Set(data.ciphers.map((cipher) => cipher.family));
  view.families = new Set((parameters.get("family") ?? "").split(",").filter((family) => families.has(family)));
  for (const name of NAMED) view[name] = parameters.get(name) ?? "";
  view.mode = parameters.get("nonce") === "fixed" ? "fixed" : "own";
  view.step = parameters.get("order") === "descending" ? -1 : 1;
}

function attackState(cipher, attack, mode = view.mode) {
  return cipher.attacks[mode][data.attacks.indexOf(attack)]?.outcome ?? "none";
}
function testState(cipher, title) {
  return cipher.states[data.tests.findIndex((test) => test.title === title)] ?? "none";
}

function shows(cipher) {
  if (view.families.size && !view.families.has(cipher.family)) return false;
  if (view.state) {
    const states = view.test ? [testState(cipher, view.test)] : cipher.states;
    if (!states.includes(view.state)) return false;
  }
  if (data.judgements.some((name) => view[name] && cipher.judged[name].text !== view[name])) return false;
  if (view.attack || view.outcome) {
    const found = view.attack ? [attackState(cipher, view.attack)] : data.attacks.map((attack) => attackState(cipher, attack));
    if (!found.some((state) => (view.outcome ? state === view.outcome : !["none", "n/a"].includes(state)))) return false;
  }
  return !view.q || matches(`${cipher.label} ${cipher.family} ${cipher.words}`, view.q);
}

function sortKey(cipher) {
  if (view.sort === "cipher") return cipher.name;
  if (view.sort === "family") return cipher.family;
  if (view.sort.startsWith("judged:")) return cipher.judged[view.sort.slice(7)]?.rank ?? null;
  const [kind, name] = [view.sort.slice(0, 5), view.sort.slice(5)];
  return RANKS[kind === "test:" ? testState(cipher, name) : attackState(cipher, view.sort.slice(7))];
}

// The ciphers as the overview shows them now; also the order for "next" and "previous".
function shownCiphers() {
  const shown = data.ciphers.filter(shows);
  if (view.sort) shown.sort((a, b) => compare(sortKey(a), sortKey(b), view.step));
  return shown;
}

// The texts that a judgement has in this run, from worst to best.
function standings(name) {
  const found = new Map(data.ciphers.map((cipher) => [cipher.judged[name].text, cipher.judged[name].rank]));
  return [...found].sort(([, a], [, b]) => compare(a, b)).map(([text]) => text);
}

function options(select, entries, chosen) {
  select.replaceChildren(...entries.map(([value, text]) => h("option", { value, selected: value === chosen }, text)));
}

function filterPanel(changed) {
  const set = (name, value) => { view[name] = value; changed(); };
  const search = h("input", { type: "search", id: "search", placeholder: "name, author, title (/)", oninput: (event) => set("q", event.target.value.trim()) });
  const select = (name) => h("select", { "data-filter": name, onchange: (event) => set(name, event.target.value) });
  const test = select("test"), state = select("state"), attack = select("attack"), outcome = select("outcome"), mode = select("mode");
  test.setAttribute("aria-label", "test");
  state.setAttribute("aria-label", "verdict");
  attack.setAttribute("aria-label", "attack");
  outcome.setAttribute("aria-label", "outcome");
  const judged = data.judgements.map((name) => [name, select(name)]);
  const families = [...new Set(data.ciphers.map((cipher) => cipher.family))];
  const chips = families.map((family) => h("button", {
    type: "button", "data-family": family,
    onclick: () => { view.families.delete(family) || view.families.add(family); changed(); },
  }, `${family} ${data.ciphers.filter((cipher) => cipher.family === family).length}`));
  const reset = h("button", { type: "button", id: "reset", onclick: () => { readView(new URLSearchParams()); changed(); } }, "Reset");
  const element = h("div", { class: "filters", role: "search" },
    h("label", {}, "search", search),
    h("fieldset", {}, h("legend", {}, "family"), h("div", { class: "chips" }, chips)),
    judged.map(([name, chosen]) => h("label", {}, name, chosen)),
    h("fieldset", {}, h("legend", {}, "test"), h("div", { class: "pair" }, state, test)),
    data.attacks.length > 0 && h("fieldset", {}, h("legend", {}, "attack"), h("div", { class: "pair" }, outcome, attack)),
    data.attacks.length > 0 && h("label", {}, "attacks with", mode),
    reset);
  function refresh() {
    if (document.activeElement !== search || search.value.trim() !== view.q) search.value = view.q;
    chips.forEach((chip) => chip.setAttribute("aria-pressed", String(view.families.has(chip.dataset.family))));
    options(test, [["", "in any test"], ...data.tests.map(({ title }) => [title, title === "statistics" ? title : `in ${title}`])], view.test);
    options(state, [["", "any"], ...["fail", "borderline", "error", "pass"].map((word) => [word, WORDS[word]])], view.state);
    for (const [name, chosen] of judged) options(chosen, [["", "any"], ...standings(name).map((text) => [text, text])], view[name]);
    options(attack, [["", "any attack"], ...data.attacks.map((name) => [name, spoken(name)])], view.attack);
    options(outcome, [["", "any outcome"], ...["recovered", "map recovered", "malleable", "leak", "holds", "failed"].map((word) => [word, WORDS[word]])], view.outcome);
    options(mode, [["own", "fresh nonce or none"], ["fixed", "fixed nonce (misuse)"]], view.mode);
    reset.disabled = viewAddress() === "#overview";
  }
  return { element, refresh };
}
