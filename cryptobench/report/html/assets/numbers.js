// Numbers of one cipher by analysis, from its measurement rows as they stand in the CSV.
const ANALYSES = [
  "entropy", "histogram", "correlation", "texture", "contours", "differential", "avalanche", "keyspace", "key_sensitivity",
  "randomness", "robustness", "quality", "network", "timing",
];

// The columns that set numbers of one metric apart.
const DIFFERENCES = ["other_channel", "direction", "place", "condition", "parameter", "part", "statistic", "nonce"];

async function measurementRows(place) {
  const text = await unpacked(`rows-${place}`);
  const [names, ...lines] = parseCsv(text);
  if (!names) return { text, rows: [] };
  return { text, rows: lines.map((line) => Object.fromEntries(line.map((value, i) => [names[i], value]))) };
}

function byAnalysis(rows) {
  const groups = new Map();
  for (const row of rows) {
    if (row.trial !== "") continue;
    if (!groups.has(row.analysis)) groups.set(row.analysis, []);
    groups.get(row.analysis).push(row);
  }
  const rank = (name) => (ANALYSES.includes(name) ? ANALYSES.indexOf(name) : ANALYSES.length);
  return [...groups].sort(([a], [b]) => rank(a) - rank(b) || a.localeCompare(b));
}

// One run of an attack: where its rows come from.
const runOf = (row) => [row.image, row.height, row.width, row.nonce].join();

function numberGrid(rows) {
  const used = (name) => rows.some((row) => row[name] !== "");
  const several = (name) => used(name) && rows.some((row) => row[name] !== rows[0][name]);
  const words = (name, title = name) => ({ title, cell: (row) => row[name], key: (row) => row[name] });
  const numeric = (name, title = name) => ({
    title, kind: "number", key: (row) => number(row[name]),
    cell: (row) => digits(number(row[name])), attributes: (row) => ({ title: row[name] || null, "data-value": row[name] }),
  });
  const end = (row, name, open) => (row[name] === "" ? open : digits(number(row[name])));
  const interval = {
    title: "interval", kind: "number", key: (row) => number(row.low || row.high),
    cell: (row) => (row.low === "" && row.high === "" ? "–" : `${end(row, "low", "(−∞")} … ${end(row, "high", "∞)")}`),
    attributes: (row) => (row.low || row.high ? { title: `${row.low || "−∞"} to ${row.high || "∞"}`, "data-low": row.low, "data-high": row.high } : {}),
  };
  const maps = new Set(rows.filter((row) => row.metric === "claim" && row.part === "map" && row.nonce !== "fixed").map(runOf));
  const word = (row, outcome) => (row.condition !== "CCA" || !["recovered", "leak", "fail"].includes(outcome) ? outcome : maps.has(runOf(row)) ? "map recovered" : "malleable");
  const where = { title: "", cell: (row) => whereabouts(number(row.value), number(row.expected), number(row.low), number(row.high), row.verdict === "fail") ?? "" };
  const state = (row) => (row.status !== "ok" ? verdict(row.status === "unsupported" ? "none" : "error", row.status) : row.verdict === "none" ? "" : verdict(row.analysis.startsWith("attack:") ? word(row, row.verdict) : row.verdict));
  const columns = [
    { title: "metric", cell: (row) => spoken(row.metric) || "–", key: (row) => row.metric },
    several("image") && words("image"), several("height") && { ...words("height", "size"), cell: (row) => (row.height ? `${row.height}×${row.width}` : ""), key: (row) => number(row.height) },
    several("channel") && words("channel"), ...DIFFERENCES.map((name) => used(name) && words(name, spoken(name))),
    numeric("value"), used("unit") && { title: "unit", cell: (row) => row.unit },
    used("expected") && numeric("expected", "ideal"), (used("low") || used("high")) && interval, (used("low") || used("high")) && where,
    used("p_value") && { title: "p", kind: "number", key: (row) => number(row.p_value), cell: (row) => probability(number(row.p_value)), attributes: (row) => ({ title: row.p_value || null, "data-value": row.p_value }) },
    used("outcome") && { title: "outcome", cell: (row) => (row.outcome ? verdict(word(row, row.outcome)) : ""), key: (row) => RANKS[word(row, row.outcome)] ?? null },
    { title: "verdict", cell: state, key: (row) => (row.status !== "ok" ? RANKS.error : RANKS[row.verdict]) },
    used("message") && { title: "note", kind: "words", cell: (row) => row.message },
  ].filter(Boolean);
  return grid(columns, rows);
}

function numberSection(analysis, rows, open) {
  const tested = rows.filter((row) => row.verdict !== "none" && row.status === "ok");
  const failed = tested.filter((row) => row.verdict === "fail").length;
  const lost = rows.filter((row) => !["ok", "unsupported"].includes(row.status)).length;
  const inside = h("div", { class: "inside" });
  const element = h("details", { id: `numbers-${analysis}`, "data-analysis": analysis, ontoggle: () => show() },
    h("summary", {}, h("span", { class: "name" }, spoken(analysis.replace("attack:", "attack: "))), h("span", { class: "soft" },
      [many(rows.length, "number"), tested.length && `${failed} of ${tested.length} outside at the run's significance level`, lost && `${lost} did not finish`].filter(Boolean).join(", "))),
    inside);
  let drawn = false;
  function show() {
    if (drawn || !element.open) return;
    drawn = true;
    const shown = numberGrid(rows);
    if (rows.length > 40) {
      const search = h("input", { type: "search", placeholder: "filter these rows", "aria-label": `filter ${spoken(analysis)}`, oninput: (event) => shown.filter((row) => matches(Object.values(row).join(" "), event.target.value.trim())) });
      inside.append(h("div", { class: "actions" }, search));
    }
    inside.append(shown.element);
  }
  element.open = Boolean(open);
  show();
  return element;
}
