// Gaps come last whichever way the rows are sorted.
function compare(a, b, step = 1) {
  const lacking = (key) => key === null || key === undefined || key === "" || Number.isNaN(key);
  if (lacking(a) || lacking(b)) return lacking(a) - lacking(b);
  if (typeof a === "number" && typeof b === "number") return step * (a === b ? 0 : a < b ? -1 : 1);
  return step * String(a).localeCompare(String(b), "en", { numeric: true, sensitivity: "base" });
}
const matches = (text, query) => query.toLowerCase().split(/\s+/).every((word) => text.toLowerCase().includes(word));
