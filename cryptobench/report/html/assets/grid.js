// A table that is sorted by its column heads: once ascending, twice descending, three times as it was.
// columns: {title, cell(row) -> node or text, key(row) -> number, text or null, kind: "number" | "words" | ""}.
function grid(columns, rows, { caption, head = 0 } = {}) {
  const body = h("tbody", {});
  const heads = columns.map((column) => {
    const label = column.key ? h("button", { type: "button", onclick: () => turn(column) }, column.title) : h("span", {}, column.title);
    return h("th", { scope: "col", class: column.kind === "number" ? "number" : null, "aria-sort": column.key ? "none" : null }, label);
  });
  let by = null, step = 1, wanted = () => true;
  const lines = new Map();
  const line = (row) => {
    if (!lines.has(row)) {
      lines.set(row, h("tr", {}, columns.map((column, place) =>
        h(place === head ? "th" : "td", place === head ? { scope: "row" } : { class: column.kind || "plainly", ...column.attributes?.(row) }, column.cell(row)))));
    }
    return lines.get(row);
  };
  function draw() {
    const shown = rows.filter(wanted);
    if (by) {
      const keys = new Map(shown.map((row) => [row, by.key(row)]));
      shown.sort((a, b) => compare(keys.get(a), keys.get(b), step));
    }
    body.replaceChildren(...shown.map(line));
    heads.forEach((element, place) => {
      if (columns[place].key) element.setAttribute("aria-sort", columns[place] !== by ? "none" : step > 0 ? "ascending" : "descending");
    });
    return shown.length;
  }
  function turn(column) {
    if (by !== column) [by, step] = [column, 1];
    else if (step > 0) step = -1;
    else by = null;
    draw();
  }
  draw();
  const table = h("table", { class: "grid" }, caption && h("caption", { class: "soft" }, caption), h("thead", {}, h("tr", {}, heads)), body);
  return { element: h("div", { class: "scroll" }, table), filter: (test) => { wanted = test; return draw(); }, count: rows.length };
}
