function tableList(chosen) {
  return h("nav", { class: "list", "aria-label": "Tables" }, h("h2", {}, "Tables"),
    h("ul", {}, data.tables.map((table) => h("li", {}, h("a", { href: addressOf.table(table.name), "aria-current": table.name === chosen ? "page" : null },
      table.title, h("span", { class: "count" }, String(table.rows)))))));
}

async function tableView(name) {
  const content = await chunk(`table-${name}`);
  const place = data.tables.findIndex((table) => table.name === name);
  const [before, after] = [data.tables[place - 1], data.tables[place + 1]];
  const go = (to, text) => to && h("a", { class: "as-button", href: addressOf.table(to.name) }, text);
  const { element, filter, count } = tableGrid(content);
  const shown = h("span", { class: "aside" }, many(count, "row"));
  const search = h("input", { type: "search", id: "table-search", placeholder: "filter rows  ( / )", "aria-label": "filter rows", oninput: (event) => {
    const query = event.target.value.trim(), left = filter((row) => !query || matches(row.texts.join(" "), query));
    shown.textContent = left === count ? many(count, "row") : `${left} of ${count} rows`;
  } });
  return h("div", { class: "with-list" }, tableList(name), h("div", {},
    picked("table", data.tables.map((one) => ({ name: one.name, label: one.title, chosen: one.name === name })), addressOf.table),
    h("article", { "data-table": name },
      h("div", { class: "head" }, h("h1", {}, content.title), shown),
      h("div", { class: "actions" }, search,
        h("button", { type: "button", id: "download-table", onclick: () => download(`${name}.csv`, content.csv) }, `Download ${name}.csv`),
        h("button", { type: "button", onclick: () => copy(content.csv) }, "Copy as CSV")),
      fill(element, {}, []), h("p", { class: "caption" }, content.caption)),
    h("div", { class: "actions" }, go(before, `← ${before?.title}`), go(after, `${after?.title} →`))));
}

const STATE_WORDS = { FAIL: "fail", RECOVERED: "recovered", "MAP RECOVERED": "map recovered", "map recovered": "map recovered", malleable: "malleable", fail: "fail", pass: "pass", borderline: "borderline", leak: "leak", holds: "holds", recovered: "recovered", "n/a": "n/a", error: "error", failed: "failed" };

function tableGrid(content) {
  const count = content.columns[0]?.texts.length ?? 0;
  const rows = Array.from({ length: count }, (_, place) => ({ place, texts: content.columns.map((column) => column.texts[place]) }));
  const columns = content.columns.map((column, across) => {
    const long = column.texts.some((text) => text.length > 40);
    const cell = (row) => {
      const text = row.texts[across];
      if (across === 0 && content.ciphers.length) return cipherNamed.has(content.ciphers[row.place]) ? h("a", { href: addressOf.cipher(content.ciphers[row.place]) }, text) : text;
      if (column.tones) return h("span", { class: "verdict state", "data-tone": column.tones[row.place] ?? "none" }, text);
      if (!column.keys && Object.hasOwn(STATE_WORDS, text)) return verdict(STATE_WORDS[text], text.toLowerCase());
      return text;
    };
    return {
      title: column.title, cell, kind: column.keys ? "number" : long ? "words" : "",
      key: column.ranks ? (row) => column.ranks[row.place] : column.keys ? (row) => keyOf(column.keys[row.place]) : (row) => RANKS[STATE_WORDS[row.texts[across]]] ?? (row.texts[across] === "–" ? null : row.texts[across]),
      attributes: column.keys && ((row) => ({
        class: [long ? "words" : "number", row.texts[across].endsWith("*") && "bad"].filter(Boolean).join(" "), "data-value": column.keys[row.place] ?? "",
      })),
    };
  });
  const made = grid(columns, rows);
  made.element.classList.add("tall");
  return made;
}
const keyOf = (key) => (key === "Infinity" ? Infinity : key === "-Infinity" ? -Infinity : key);
