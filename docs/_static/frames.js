// A table or a formula that is wider than the page scrolls in its own frame; the line above it says so.
document.addEventListener("DOMContentLoaded", () => {
  const fit = (frame) => {
    const wide = frame.scrollWidth > frame.clientWidth + 1;
    frame.classList.toggle("wide", wide);
    if (wide) frame.tabIndex = 0;
    else frame.removeAttribute("tabindex");
  };
  const watcher = new ResizeObserver((entries) => entries.forEach((entry) => fit(entry.target)));
  document.querySelectorAll("article .table-wrapper").forEach((frame) => {
    const hint = document.createElement("p");
    hint.className = "frame-hint";
    hint.textContent = "This table is wider than its frame: scroll it sideways.";
    frame.before(hint);
    watcher.observe(frame);
  });
});
