// How the run was made: settings, machine, versions, what could not be shown.
const facts = (entries) => h("dl", {}, entries.map(([name, text]) => [h("dt", {}, spoken(name)), h("dd", {}, text)]));
const simple = (value) => ["string", "number", "boolean"].includes(typeof value) && value !== "";
const listed = (value) => (Array.isArray(value) ? value.map(listed).join(", ") : value === null ? "none" : typeof value === "object"
  ? Object.entries(value).map(([name, inner]) => `${spoken(name)} ${listed(inner)}`).join(", ") : String(value));

function runPanel(title, id, ...inside) {
  return h("section", { class: "panel", id }, h("h2", {}, title), inside);
}

async function runView() {
  const { about, skipped } = await chunk("run");
  const settings = about.settings ?? {}, taken = new Set(["settings", "versions", "images", "ciphers", "analyses", "failures"]);
  const flat = Object.entries(about).filter(([name, value]) => !taken.has(name) && (simple(value) || (value && typeof value === "object")));
  const shownFacts = flat.map(([name, value]) => [name === "seconds" ? "time taken" : name, name === "seconds" ? time(value) : listed(value)]);
  const groups = Object.entries(settings).filter(([, value]) => value && typeof value === "object" && !Array.isArray(value));
  const plainSettings = Object.entries(settings).filter(([, value]) => simple(value) || Array.isArray(value));
  const failures = about.failures ?? [];
  return h("div", { class: "narrow" },
    h("div", { class: "head" }, h("h1", {}, "The run"), h("span", { class: "aside" }, data.name),
      h("span", { class: "end" }, h("button", { type: "button", onclick: () => download("run.json", JSON.stringify(about, null, 2), "application/json") }, "Download run.json"))),
    h("div", { class: "columns" },
      h("div", {},
        runPanel("Circumstances", "circumstances", shownFacts.length ? facts(shownFacts) : h("p", { class: "soft" }, "The run's folder has no run.json.")),
        plainSettings.length > 0 && runPanel("Settings", "settings", facts(plainSettings.map(([name, value]) => [name, listed(value)]))),
        groups.map(([name, tasks]) => runPanel(name[0].toUpperCase() + name.slice(1), `settings-${name}`,
          facts(Object.entries(tasks).map(([task, values]) => [task, listed(values) || "as it comes"]))))),
      h("div", {},
        about.images && runPanel("Images", "images", facts(Object.entries(about.images).map(([name, { shape, sha256 } = {}]) => [name, `${(shape ?? []).join("×")}, SHA-256 ${(sha256 ?? "").slice(0, 16)}…`]))),
        about.versions && runPanel("Versions", "versions", facts(Object.entries(about.versions).map(([name, version]) => [name, String(version)]))))),
    runPanel("What this run has no data for", "skipped",
      skipped.length ? h("ul", { class: "points" }, skipped.map((line) => h("li", {}, line))) : h("p", {}, "Nothing: the run has data for every table and figure."),
      data.rows_note && h("p", {}, data.rows_note), h("p", {}, data.pictures_note),
      tableNamed.has("errors") && h("p", {}, "Measurements without a value, with reasons: ", h("a", { href: addressOf.table("errors") }, tableNamed.get("errors").title), ".")),
    failures.length > 0 && runPanel("Cells that did not finish", "failures", grid(
      ["cipher", "image", "analysis", "status", "message"].map((name) => ({ title: name, kind: name === "message" ? "words" : "", cell: (row) => (name === "cipher" && cipherNamed.get(row.cipher)?.label) || String(row[name] ?? ""), key: (row) => String(row[name] ?? "") })), failures).element),
    runPanel("On paper", "paper", h("p", {}, "Every part prints as it is on the screen. For one document: ", h("a", { href: "#everything" }, "everything on one page"), ", without raw rows; it is long.")));
}

async function everythingView() {
  const ciphers = [];
  for (const cipher of data.ciphers) ciphers.push(h("div", { class: "chapter" }, await cipherBody(cipherNamed.get(cipher.name), false)));
  const tables = [];
  for (const table of data.tables) {
    const content = await chunk(`table-${table.name}`);
    tables.push(h("div", { class: "panel" }, h("h2", {}, content.title), tableGrid(content).element, h("p", { class: "caption" }, content.caption)));
  }
  return h("div", { class: "narrow" }, await runView(), ciphers, h("div", { class: "chapter" }, h("h1", {}, "Tables")), tables);
}
