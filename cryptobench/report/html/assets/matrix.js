// The overview: ciphers by tests and attacks, a link in each cell.
let current = null; // [row, column] of the cell that Tab reaches

function overviewView() {
  const tests = data.tests.map((test, place) => ({
    sort: `test:${test.title}`, title: test.title, state: (cipher) => cipher.states[place],
    at: test.analysis === "" ? "verdicts" : `numbers-${test.analysis}`,
    says: (cipher) => says(cipher.states[place], cipher.p[place], cipher.counts[place]),
  }));
  const first = tests.filter((test) => test.title === "statistics"), others = tests.filter((test) => test.title !== "statistics");
  const columns = [
    ...first,
    ...data.judgements.map((name) => ({
      sort: `judged:${name}`, title: name, judged: name, at: "verdicts",
      says: (cipher) => [cipher.judged[name].says, name === "confidentiality" && cipher.weak_keys && `weak keys: ${cipher.weak_keys}`].filter(Boolean).join("; "),
    })),
    ...others.map((test, place) => ({ ...test, gap: place === 0 && first.length + data.judgements.length > 0 })),
    ...data.attacks.map((name, place) => ({
      sort: `attack:${name}`, title: spoken(name), attack: true, gap: place === 0,
      state: (cipher) => cipher.attacks[view.mode][place]?.outcome ?? "none", at: "attacks",
      says: (cipher) => outcome(cipher.attacks[view.mode][place]),
    })),
  ];
  const readout = h("p", { class: "readout" });
  const count = h("span", { class: "aside", id: "shown" });
  const filters = filterPanel(() => { history.replaceState(null, "", viewAddress()); refresh(); });
  const headOf = (sort, title, classes) => h("th", { scope: "col", class: classes, "aria-sort": "none", "data-sort": sort },
    h("button", { type: "button", title: `sort by ${title}`, onclick: () => turn(sort) }, title));
  const heads = [
    headOf("cipher", "cipher", "corner"), headOf("family", "family", "family"),
    ...columns.map((column) => headOf(column.sort, column.title, `turned${column.judged ? ` judged ${column.judged}` : ""}${column.gap ? " gap" : ""}`)),
  ];
  const body = h("tbody", {});
  const rows = new Map(data.ciphers.map((cipher) => [cipher.name, row(cipher)]));
  const table = h("table", { class: "matrix", id: "matrix", "aria-label": "judgements and verdicts by cipher" }, h("thead", {}, h("tr", {}, heads)), body);
  const none = h("p", { class: "empty", hidden: true }, "No cipher fits these filters.");

  function row(cipher) {
    return h("tr", { "data-cipher": cipher.name },
      h("th", { scope: "row" }, h("a", { href: addressOf.cipher(cipher.name), title: cipher.title || cipher.name }, cipher.label)),
      h("td", { class: "family" }, cipher.family),
      columns.map((column) => h("td", { class: column.judged ? `judged ${column.judged}` : column.gap ? "gap" : null },
        h("a", { class: "cell state", tabindex: "-1", href: addressOf.cipher(cipher.name, column.at) }))));
  }
  function paint(cipher) {
    const cells = rows.get(cipher.name).querySelectorAll("a.cell");
    columns.forEach((column, place) => {
      const cell = cells[place];
      if (column.judged) return paintJudged(cell, column, cipher);
      const state = column.state(cipher);
      if (cell.dataset.state === state && !column.attack) return;
      cell.dataset.state = state;
      cell.setAttribute("aria-label", `${column.title}: ${WORDS[state]}`);
      cell.replaceChildren(mark(state));
    });
  }
  function paintJudged(cell, column, cipher) {
    if (cell.dataset.tone) return;
    const { text, look } = toned(cipher.judged[column.judged]);
    cell.dataset.tone = look["data-tone"];
    cell.setAttribute("aria-label", `${column.title}: ${text}`);
    cell.replaceChildren(text, ...(column.judged === "confidentiality" && cipher.weak_keys ? [h("sup", { title: "weak keys" }, "w")] : []));
  }
  function turn(sort) {
    if (view.sort !== sort) [view.sort, view.step] = [sort, 1];
    else if (view.step > 0) view.step = -1;
    else [view.sort, view.step] = ["", 1];
    history.replaceState(null, "", viewAddress());
    refresh();
  }
  function refresh() {
    filters.refresh();
    const shown = shownCiphers();
    shown.forEach(paint);
    body.replaceChildren(...shown.map((cipher, place) => {
      const first = !view.sort && place > 0 && shown[place - 1].family !== cipher.family;
      rows.get(cipher.name).classList.toggle("first", first);
      return rows.get(cipher.name);
    }));
    heads.forEach((head) => head.setAttribute("aria-sort", head.dataset.sort !== view.sort ? "none" : view.step > 0 ? "ascending" : "descending"));
    count.textContent = shown.length === data.ciphers.length ? many(shown.length, "cipher") : `${shown.length} of ${data.ciphers.length} ciphers`;
    none.hidden = shown.length > 0;
    readout.textContent = "Point at a cell, or move to it with the arrow keys, to read it; open it for the numbers behind it.";
    reach(0, 0, false);
  }

  const cellAt = (down, across) => body.children[down]?.querySelectorAll("a.cell")[across];
  function reach(down, across, focus = true) {
    const cell = cellAt(down, across);
    if (!cell) return;
    if (current) current.tabIndex = -1;
    current = cell;
    cell.tabIndex = 0;
    if (focus) {
      cell.focus({ preventScroll: true });
      cell.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
  }
  function place(cell) {
    const line = cell.closest("tr");
    return [[...body.children].indexOf(line), [...line.querySelectorAll("a.cell")].indexOf(cell)];
  }
  function read(event) {
    const cell = event.target.closest?.("a.cell");
    heads.forEach((head) => head.classList.remove("crossed"));
    if (!cell) return;
    const [, across] = place(cell), cipher = cipherNamed.get(cell.closest("tr").dataset.cipher), column = columns[across];
    heads[across + 2].classList.add("crossed");
    const word = column.judged ? toned(cipher.judged[column.judged]).text : WORDS[column.state(cipher)];
    readout.replaceChildren(h("b", {}, `${cipher.label} · ${column.title}: ${word}`), ` ${column.says(cipher)}`);
  }
  body.addEventListener("mouseover", read);
  body.addEventListener("focusin", (event) => {
    read(event);
    const cell = event.target.closest("a.cell");
    if (cell) reach(...place(cell), false);
  });
  body.addEventListener("keydown", (event) => {
    const cell = event.target.closest("a.cell");
    const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (!move || event.altKey || event.ctrlKey || event.metaKey) return;
    const [down, across] = cell ? place(cell) : [[...body.children].indexOf(event.target.closest("tr")), -1];
    if (!cell && move[0] !== 0) body.children[down + move[0]]?.querySelector("th a").focus();
    else if (cell && across + move[1] < 0) cell.closest("tr").querySelector("th a").focus();
    else reach(down + move[0], across + move[1]);
    event.preventDefault();
    event.stopPropagation();
  });

  const legend = h("div", { class: "legend", "aria-label": "legend" },
    data.judgements.length > 0 && h("span", { class: "key" }, h("span", { class: "levels" }, [5, 4, 3, 2, 1, 0].map((level) => h("span", { class: "state", "data-tone": level }, level))),
      h("b", {}, "security level"), h("span", { class: "soft" }, "of confidentiality and misuse, where 4 is a pass; w: weak keys")),
    [...["pass", "borderline", "fail", "error", "none"], ...(data.attacks.length ? ["leak", "recovered", "malleable", "map recovered"] : [])].map((state) =>
      h("span", { class: "key" }, h("span", { class: "state", "data-state": state }, mark(state)), h("b", {}, state === "pass" && data.attacks.length ? "pass, holds" : WORDS[state]), h("span", { class: "soft" }, MEANINGS[state]))));
  const element = h("div", {},
    h("div", { class: "head" }, h("h1", {}, "Overview"), count),
    h("details", { class: "fold", open: window.innerWidth > 640 }, h("summary", {}, h("span", { class: "name" }, "Filters and legend")), filters.element, legend),
    readout,
    h("div", { class: "scroll tall" }, table, none),
    h("p", { class: "caption" }, data.rule),
    data.legend && h("p", { class: "caption" }, data.legend));
  return { element, refresh };
}

function says(state, p, count) {
  if (state === "none") return "";
  return `smallest adjusted p ${p === null ? "none" : probability(p)}, ${many(count, "test")} pooled`;
}
function outcome(found) {
  if (!found || found.outcome === "n/a") return found ? "" : "not run in this nonce mode";
  const parts = [];
  if (found.queries !== null) parts.push(many(found.queries, "query", "queries"));
  if (found.recovered !== null) parts.push(`${percent(found.recovered)} of the samples recovered`);
  return parts.join(", ");
}
