// The section of one cipher.
const picked = (name, entries, address) => h("div", { class: "pick" }, h("label", { class: "soft" }, name, h("select", {
  "aria-label": name, onchange: (event) => visit(event.target.value),
}, entries.map((entry) => h("option", { value: address(entry.name), selected: entry.chosen }, entry.label)))));

function cipherList(chosen) {
  const families = new Map();
  for (const cipher of data.ciphers) families.set(cipher.family, [...(families.get(cipher.family) ?? []), cipher]);
  return h("nav", { class: "list", "aria-label": "Ciphers" }, [...families].map(([family, ciphers]) => [
    h("h2", {}, family),
    h("ul", {}, ciphers.map((cipher) => h("li", {}, h("a", { href: addressOf.cipher(cipher.name), "aria-current": cipher.name === chosen ? "page" : null },
      h("span", { class: "name" }, cipher.label), h("span", { class: "dots" }, dots(cipher)))))),
  ]));
}

// The judgements of a cipher as small cells: statistics, then levels and the first letter of integrity.
function dots(cipher) {
  const place = statisticsPlace();
  return [
    place >= 0 && h("span", { class: "dot-state state", "data-state": cipher.states[place], title: `statistics: ${WORDS[cipher.states[place]]}` }, mark(cipher.states[place])),
    data.judgements.map((name) => {
      const { text, look } = toned(cipher.judged[name]);
      return h("span", { ...look, class: "dot-state state", title: `${name}: ${text}` }, name === "integrity" ? text.replace("map recovered", "M")[0] : text.replace("≤ ", "≤"));
    }),
  ];
}
const statisticsPlace = () => data.tests.findIndex((test) => test.title === "statistics");
function judgements(cipher) {
  const place = statisticsPlace();
  return [
    place >= 0 && verdict(cipher.states[place], `statistics: ${WORDS[cipher.states[place]]}`),
    data.judgements.map((name) => judgement(name, cipher.judged[name], name === "confidentiality" && cipher.weak_keys)),
  ];
}

function neighbours(name) {
  const order = shownCiphers().map((cipher) => cipher.name);
  const known = order.includes(name) ? order : data.ciphers.map((cipher) => cipher.name);
  const place = known.indexOf(name);
  return [known[place - 1], known[place + 1]];
}

async function cipherView(name) {
  const cipher = cipherNamed.get(name);
  const [before, after] = neighbours(name);
  const go = (to, text) => to && h("a", { class: "as-button", href: addressOf.cipher(to), title: to }, text);
  const body = await cipherBody(cipher);
  return h("div", { class: "with-list" }, cipherList(name), h("div", { class: "narrow" },
    picked("cipher", data.ciphers.map((one) => ({ name: one.name, label: one.label, chosen: one.name === name })), (one) => addressOf.cipher(one)),
    body,
    h("div", { class: "actions" }, go(before, `← ${cipherNamed.get(before)?.label}`), go(after, `${cipherNamed.get(after)?.label} →`))));
}

async function cipherBody(cipher, whole = true) {
  const content = await chunk(`cipher-${cipher.place}`);
  const { text, rows } = whole ? await measurementRows(cipher.place) : { text: "", rows: [] };
  const at = (part) => addressOf.cipher(cipher.name, part);
  const parts = [["pictures", "Pictures"], ["card", "Card"], ["attacks", "Attacks"], ["numbers", "Numbers"], ["rows", "Raw rows"]];
  return h("article", { id: "cipher", "data-cipher": cipher.name },
    h("div", { class: "head" }, h("h1", {}, cipher.label), h("span", { class: "chip" }, cipher.family),
      judgements(cipher)),
    cipher.title && h("p", {}, cipher.title),
    whole && h("p", { class: "jump" }, parts.map(([part, title]) => h("a", { href: at(part) }, title))),
    verdictPanel(cipher, content, at), picturePanel(content), cardPanel(cipher, content), attackPanel(content),
    whole && numberPanel(rows), whole && rowPanel(cipher, text, rows));
}

function verdictPanel(cipher, content, at) {
  if (!content.tests.length && !data.judgements.length) return null;
  const shown = content.tests.filter((test) => test.state !== "none");
  const more = [["weak keys", cipher.weak_keys], ["not functional", cipher.defects && `the ciphertext does not decrypt from key, header and body (${cipher.defects})`]]
    .filter(([, text]) => text).map(([name, text]) => [h("dt", {}, name), h("dd", {}, text)]);
  return h("section", { class: "panel", id: "verdicts" }, h("h2", {}, "Judgements and verdicts"),
    data.judgements.length > 0 && h("dl", { class: "judgements" },
      data.judgements.map((name) => [h("dt", {}, judgement(name, cipher.judged[name])), h("dd", {}, cipher.judged[name].says)]), more),
    h("ul", { class: "verdicts" }, shown.map((test) => {
      const title = `${test.title}: ${WORDS[test.state]}, ${many(test.tests, "test")} pooled, smallest adjusted p ${probability(test.adjusted)}`;
      const inside = [mark(test.state), test.title, h("span", { class: "soft-p" }, test.adjusted === null ? "" : ` p ${probability(test.adjusted)}`)];
      return h("li", {}, test.title === "statistics" ? h("span", { class: "verdict state", "data-state": test.state, title }, inside)
        : h("a", { class: "verdict state", "data-state": test.state, title, href: at(test.analysis === "attack" ? "attacks" : `numbers-${test.analysis}`) }, inside));
    })),
    h("p", { class: "caption" }, "p: the smallest after Holm's correction over all tests that are pooled. Fail below 0.001, borderline below 0.05; rules without a p-value show none. Statistics: all tests that are no attacks, without fixed nonces in a cipher that has one."));
}

function shot(picture, caption, classes) {
  const image = h("img", { src: source(picture), alt: caption, width: picture.width, height: picture.height, loading: "lazy" });
  return h("figure", { class: classes }, image, picture.histogram && histogram(picture.histogram, `histogram of the ${picture.title}`),
    h("figcaption", {}, h("b", {}, picture.title), ` ${picture.width}×${picture.height}`));
}

function picturePanel(content) {
  const main = content.pictures.filter((picture) => picture.histogram), others = content.pictures.filter((picture) => !picture.histogram);
  return h("section", { class: "panel", id: "pictures" }, h("h2", {}, "Pictures"),
    main.length ? h("div", { class: "pictures" }, main.map((picture) => shot(picture, `${picture.title} of ${picture.image}`, "shot")))
      : h("p", { class: "soft" }, "The run kept no pictures of this cipher."),
    others.length > 0 && [h("h3", { class: "sub" }, "Decryption of damaged ciphertexts"), h("div", { class: "pictures" }, others.map((picture) => shot(picture, picture.title, "shot small")))],
    main.length > 0 && h("p", { class: "caption" }, `Histograms by channel; a band reaches up to ${TIMES} times the mean count, the dashed line is the mean. ${data.pictures_note}`));
}

function cardPanel(cipher, { card, fidelity, claims }) {
  const list = (title, lines) => lines.length > 0 && [h("h3", { class: "sub" }, title), h("ul", { class: "points" }, lines.map((line) => h("li", {}, line)))];
  if (!card) {
    return h("section", { class: "panel", id: "card" }, h("h2", {}, "Card"),
      h("dl", {}, [["family", cipher.family], ["fidelity", fidelity]].map(([name, text]) => [h("dt", {}, name), h("dd", {}, text)])),
      h("p", { class: "caption" }, "The run's folder has no cards.json; a run made now writes one."), claimList(claims));
  }
  const bits = card.key.reduce((sum, [, count]) => sum + Number(count), 0);
  const link = /^10\.\d+\/\S+$/.test(card.doi)
    ? h("a", { href: `https://doi.org/${card.doi.split("/").map(encodeURIComponent).join("/")}`, rel: "noreferrer noopener" }, card.doi) : card.doi;
  return h("section", { class: "panel", id: "card" }, h("h2", {}, "Card"),
    h("dl", {}, card.facts.map(([name, text]) => [h("dt", {}, name), h("dd", {}, text)]), card.doi && [h("dt", {}, "doi"), h("dd", {}, link)]),
    list("Deviations and choices", card.deviations), list("Known attacks", card.known_attacks),
    h("h3", { class: "sub" }, `Key: ${bits} bits`),
    grid([
      { title: "field", cell: ([name]) => name, key: ([name]) => name },
      { title: "bits", kind: "number", cell: ([, count]) => count, key: ([, count]) => Number(count) },
      { title: "meaning", kind: "words", cell: ([, , meaning]) => meaning },
    ], card.key).element, claimList(claims));
}

function claimList(claims) {
  if (!claims.length) return null;
  const title = claims.some((claim) => claim.by) ? "What the paper reports, or a review says that it does" : "What the paper reports";
  return [h("h3", { class: "sub" }, title), grid([
    { title: "metric", cell: (claim) => [spoken(claim.metric), claim.direction].filter(Boolean).join(", "), key: (claim) => claim.metric },
    { title: "value", kind: "number", cell: (claim) => `${{ above: "> ", below: "< " }[claim.bound] ?? ""}${claim.printed}`, key: (claim) => Number(claim.value) },
    { title: "unit", cell: (claim) => claim.unit ?? "" },
    { title: "about", kind: "words", cell: (claim) => [...new Set([claim.relative && `than ${claim.relative}`, claim.image, claim.size])].filter(Boolean).join(", ") },
    { title: "read in", kind: "words", cell: (claim) => claim.seen ?? `cited by ${claim.by}` },
    ...claims.some((claim) => claim.off) ? [{ title: "plausibility", kind: "words", cell: (claim) => claim.off }] : [],
  ], claims).element];
}

function attackPanel({ attacks, recovered }) {
  const section = h("section", { class: "panel", id: "attacks" }, h("h2", {}, "Attacks"));
  if (!attacks.length) return fill(section, {}, [h("p", { class: "soft" }, "This run holds no attack on this cipher.")]);
  const numeric = (name, title, form) => ({ title, kind: "number", key: (row) => number(row[name]), cell: (row) => form(number(row[name])), attributes: (row) => ({ "data-value": row[name] }) });
  const run = attacks.filter((row) => row.word !== "n/a"), not = attacks.filter((row) => row.word === "n/a");
  const shown = grid([
    { title: "attack", cell: (row) => spoken(row.attack), key: (row) => row.attack },
    { title: "outcome", cell: (row) => verdict(row.word), key: (row) => RANKS[row.word] },
    { title: "model", cell: (row) => row.model, key: (row) => row.model },
    { title: "nonce", cell: (row) => row.nonce, key: (row) => row.nonce },
    { title: "size", cell: (row) => (row.height === null ? "" : `${row.height}×${row.width}`), key: (row) => row.height },
    numeric("queries", "queries", digits), numeric("time", "time", time), numeric("recovered", "recovered", percent),
    numeric("psnr", "PSNR (dB)", (value) => digits(value, 4)), numeric("statistic", "statistic", (value) => digits(value, 4)), numeric("p", "p", probability),
    numeric("queries_at_reference", "queries at 512×512×3", digits), { title: "formula", cell: (row) => row.formula, key: (row) => row.formula },
    numeric("time_at_reference", "time at 512×512×3", time),
    { title: "note", kind: "words", cell: (row) => row.notes },
  ], run);
  return fill(section, {}, [
    recovered.length > 0 && h("div", { class: "pictures" }, recovered.map(trio)),
    recovered.length > 0 && h("p", { class: "caption" }, "The image that each attack recovers without the key, at the largest size at which it does; malleable, map recovered: through chosen ciphertexts. Fixed nonce: one nonce and per-message secret for all messages, which is misuse; fresh or no nonce: proper use."),
    shown.element,
    not.length > 0 && h("p", { class: "caption" }, `Not applicable: ${[...new Set(not.map((row) => spoken(row.attack)))].join(", ")}.`),
    h("p", { class: "caption" }, "Model: the attacker has only ciphertexts (COA), known plaintexts (KPA), chosen plaintexts (CPA) or chosen ciphertexts (CCA). Recovered: more than 90 % of the samples, or the image to the eye. Leak: p below 10⁻⁶. With chosen ciphertexts both read malleable, or map recovered where a map was found that reads other ciphertexts. Queries and time at 512×512×3: by the attack's formula, in which N is the number of samples, and with the cipher's own speed. An attack that finds nothing proves nothing."),
  ]);
}

function trio(found) {
  const titles = ["original", "cipher", "recovered"].filter((name) => found[name]);
  return h("figure", { class: "trio" },
    h("div", { class: "row" }, titles.map((name) => h("div", {}, h("img", { src: source(found[name]), alt: `${name}, ${spoken(found.attack)}`, width: found[name].width, height: found[name].height, loading: "lazy" }), name))),
    h("figcaption", {}, h("b", {}, spoken(found.attack)), found.word === "recovered" ? "" : ` (${found.word})`, `, ${{ fixed: "fixed nonce", fresh: "fresh nonce" }[found.nonce] ?? "no nonce"}, ${found.height}×${found.width}: ${many(found.queries ?? 0, "query", "queries")}, ${percent(found.share)} recovered`));
}

function numberPanel(rows) {
  const groups = byAnalysis(rows);
  return h("section", { class: "panel", id: "numbers" }, h("h2", {}, "Numbers"),
    h("p", { class: "soft" }, "Band: interval of an ideal cipher at the run's significance level; tick: its expected value; dot: measured. One test in twenty falls outside by design at level 0.05; the verdicts above are corrected for that. Point at a number for all its digits."),
    groups.map(([analysis, found]) => numberSection(analysis, found)));
}

function rowPanel(cipher, text, rows) {
  const most = 60, lines = text.split("\n"), name = `${cipher.name.replace(/[^\w.-]+/g, "_")}.csv`;
  return h("section", { class: "panel", id: "rows" }, h("h2", {}, "Raw rows"),
    h("p", {}, `${many(rows.length, "row")} of the measurement table, every digit. `, data.rows_note),
    h("div", { class: "actions" },
      h("button", { type: "button", id: "download-rows", onclick: () => download(name, text) }, `Download ${name}`),
      h("button", { type: "button", id: "copy-rows", onclick: () => copy(text) }, "Copy all as CSV")),
    h("pre", { tabindex: "0", "aria-label": "first rows", class: "hide-in-print" }, lines.slice(0, most).join("\n"), lines.length > most + 1 && "\n…"));
}
