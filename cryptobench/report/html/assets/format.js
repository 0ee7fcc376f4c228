const WORDS = {
  pass: "pass", borderline: "borderline", fail: "fail", error: "did not finish", none: "no test",
  holds: "holds", leak: "leak", recovered: "recovered", malleable: "malleable", "map recovered": "map recovered",
  failed: "did not finish", "n/a": "not applicable",
};
const MEANINGS = {
  pass: "the test found nothing", borderline: "adjusted p below 0.05", fail: "adjusted p below 0.001, or a rule violated",
  error: "", none: "", holds: "the attack found nothing",
  leak: "attack distinguishes it from an ideal cipher, p below 10⁻⁶", recovered: "attack recovers the image",
  malleable: "chosen ciphertexts change a plaintext predictably", "map recovered": "chosen ciphertexts give a map that reads others",
};
const SHAPES = { holds: "pass", failed: "error", "n/a": "none", "map recovered": "map" };
// From worst to best, for sorting.
const RANKS = {
  recovered: 0, "map recovered": 1, fail: 2, malleable: 3, leak: 4, error: 5, failed: 5, borderline: 6, pass: 7, holds: 7, none: 8, "n/a": 8,
};

const mark = (state) =>
  s("svg", { class: "mark", "aria-hidden": "true" }, s("use", { href: `#mark-${SHAPES[state] ?? state}` }));
const verdict = (state, text = WORDS[state] ?? state) =>
  h("span", { class: "verdict state", "data-state": state }, mark(state), text);

// A judgement of the attacks on a cipher: a level, or a word about changed ciphertexts; its tone is 0 to 5, a pass.
const toned = ({ text, tone, refuted }) => ({ text: `${text}${refuted ? "†" : ""}`, look: { class: "state", "data-tone": tone ?? "none" } });
function judgement(name, judged, weak = "") {
  const { text, look } = toned(judged);
  return h("span", { ...look, class: "verdict state", title: judged.says }, `${name}: ${text}${weak ? ", weak keys" : ""}`);
}

// A number as people read it; the exact one stands in the cell's data-value and title.
function digits(value, most = 6) {
  if (value === null || Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  if (Number.isInteger(value) && Math.abs(value) < 1e9) return String(value).replace("-", "−");
  const size = Math.abs(value);
  const text = size >= 1e6 || size < 1e-4 ? value.toExponential(most - 3) : String(Number(value.toPrecision(most)));
  return text.replace("e+", "e").replaceAll("-", "−");
}
const probability = (p) =>
  p === null || Number.isNaN(p) ? "–" : p === 0 ? "<1e−300" : p < 0.001 ? p.toExponential(1).replace("-", "−") : String(Number(p.toPrecision(2)));
// Only all of it reads 100 %.
const percent = (share) => (share === null ? "–" : `${(100 * (share < 1 ? Math.min(share, 0.999) : share)).toFixed(1)}\u00a0%`);
const number = (text) =>
  text === null || text === undefined || text === "" ? null : text === "inf" ? Infinity : text === "-inf" ? -Infinity : Number(text);
const spoken = (name) => name.replaceAll("_", " ");
const many = (count, one, more = `${one}s`) => `${count} ${count === 1 ? one : more}`;

function time(seconds) {
  if (seconds === null) return "–";
  if (seconds < 1e-3) return `${digits(seconds * 1e6, 3)} µs`;
  if (seconds < 1) return `${digits(seconds * 1e3, 3)} ms`;
  if (seconds < 120) return `${digits(seconds, 3)} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

const addressOf = {
  cipher: (name, at) => `#cipher=${encodeURIComponent(name)}${at ? `&at=${encodeURIComponent(at)}` : ""}`,
  table: (name) => `#table-${encodeURIComponent(name)}`,
};
