// Elements are built from text nodes and attributes only, so nothing that a run holds is ever read as markup.

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}
const h = (tag, attributes, ...children) => fill(document.createElement(tag), attributes, children);
const s = (tag, attributes, ...children) =>
  fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

const byId = (id) => document.getElementById(id);
const data = JSON.parse(byId("overview-data").textContent);
const cipherNamed = new Map(data.ciphers.map((cipher, place) => [cipher.name, { ...cipher, place }]));
const tableNamed = new Map(data.tables.map((table) => [table.name, table]));

async function unpacked(id) {
  const element = byId(id);
  if (!element) throw new Error(`this file lacks its part ${id}; write the report again`);
  if (typeof DecompressionStream === "undefined") throw new Error("this needs a browser of 2023 or later");
  const bytes = Uint8Array.from(atob(element.textContent), (letter) => letter.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
}
const chunks = new Map();
const chunk = (id) => {
  if (!chunks.has(id)) chunks.set(id, unpacked(id).then(JSON.parse));
  return chunks.get(id);
};
const source = (picture) => `data:image/webp;base64,${byId(`picture-${picture.id}`).textContent}`;

let silence = 0;
function tell(text) {
  byId("status").textContent = text;
  clearTimeout(silence);
  silence = setTimeout(() => { byId("status").textContent = ""; }, 2500);
}

function download(name, text, type = "text/csv") {
  const address = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  const link = h("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = h("textarea", { "aria-hidden": "true" });
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    if (!done) return tell("the browser refused to copy; download instead");
  }
  tell("copied");
}

// The text that a cell of CSV stands for: one that begins like a formula has a "'" in front, as in spreadsheet.py.
const FORMULA = /^'[\s']*[-=+@\uff1d\uff0b\uff0d\uff20]./s, NUMBER = /^'[-+]?((\d+\.?\d*|\.\d+)(e[-+]?\d+)?%?|inf)$/i;
const textOf = (cell) => (cell[0] === "'" && FORMULA.test(cell) && !NUMBER.test(cell) ? cell.slice(1) : cell);

// RFC 4180: the rows of a CSV text, each an array of texts.
function parseCsv(text) {
  const rows = [];
  let row = [], field = "", quoted = false;
  for (let i = 0; i < text.length; i++) {
    const letter = text[i];
    if (quoted) {
      if (letter !== '"') field += letter;
      else if (text[i + 1] === '"') { field += '"'; i++; }
      else quoted = false;
    } else if (letter === '"') quoted = true;
    else if (letter === ",") { row.push(textOf(field)); field = ""; }
    else if (letter === "\n") { row.push(textOf(field)); rows.push(row); row = []; field = ""; }
    else field += letter;
  }
  if (field !== "" || row.length) rows.push([...row, textOf(field)]);
  return rows;
}
