const CHANNEL_COLOURS = { R: "var(--red)", G: "var(--green)", B: "var(--blue)", grey: "var(--grey)" };
const TIMES = 4; // a band reaches up to so many times the mean count

// counts: [[channel, 256 counts], ...]; one band for each channel.
function histogram(counts, label) {
  const band = 34, width = 256, height = counts.length * band + 11;
  const bands = counts.map(([name, values], place) => {
    const foot = (place + 1) * band - 2;
    const mean = values.reduce((sum, count) => sum + count, 0) / 256;
    const tops = values.map((count) => Math.min(count / mean / TIMES, 1) * (band - 4));
    const outline = tops.map((top, value) => `M${value} ${foot}v${-top.toFixed(2)}h1V${foot}Z`).join("");
    const even = foot - (band - 4) / TIMES;
    return s("g", {},
      s("path", { class: "bars", d: outline, fill: CHANNEL_COLOURS[name] ?? "var(--grey)" }),
      s("path", { class: "even", d: `M0 ${even}H${width}` }),
      s("path", { class: "axis", d: `M0 ${foot}H${width}` }),
      counts.length > 1 && s("text", { x: 1, y: foot - band + 11 }, name));
  });
  const ticks = [[0, "start"], [128, "middle"], [255, "end"]].map(([value, anchor]) =>
    s("text", { x: value, y: height - 2, "text-anchor": anchor }, String(value)));
  return s("svg", { class: "histogram", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label }, bands, ticks);
}

// Where a value lies against the interval of an ideal cipher: the band is the interval, the tick its expected value.
function whereabouts(value, expected, low, high, failed) {
  if (value === null || !Number.isFinite(value) || (low === null && high === null)) return null;
  const one = low === null || high === null;
  const reach = one ? Math.max(Math.abs((low ?? high) - (expected ?? value)), Math.abs(low ?? high) * 1e-3, 1e-12) * 2 : high - low;
  if (!(reach > 0)) return null;
  const start = low ?? high - reach, place = 30 + ((value - start) / reach) * 32;
  const x = Math.min(Math.max(place, 4), 88);
  const left = low === null ? 0 : 30, right = high === null ? 92 : 62;
  const middle = expected === null ? null : Math.min(Math.max(30 + ((expected - start) / reach) * 32, 1), 91);
  const beyond = place < 4 ? "M8 3L3 7l5 4Z" : place > 88 ? "M84 3l5 4-5 4Z" : null;
  return s("svg", { class: "where", viewBox: "0 0 92 14", "aria-hidden": "true" },
    s("path", { class: "line", d: "M0 7H92" }),
    s("rect", { class: "range", x: left, y: 3, width: right - left, height: 8, rx: 2 }),
    middle !== null && s("path", { class: "ideal", d: `M${middle} 3V11` }),
    beyond ? s("path", { class: failed ? "dot out" : "dot", d: beyond }) : s("circle", { class: failed ? "dot out" : "dot", cx: x, cy: 7, r: 3.2 }));
}
