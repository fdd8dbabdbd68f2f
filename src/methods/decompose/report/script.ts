/** The report's only script: tells what the mark under the pointer or the keyboard's cursor says. Nothing depends on it. */
export const SCRIPT = `
for (const chart of document.querySelectorAll(".chart")) {
  const marks = [...chart.querySelectorAll(".mark")];
  const line = chart.nextElementSibling;
  const columns = Number(chart.dataset.columns);
  let at = -1;
  const show = (i) => {
    marks[at]?.classList.remove("at");
    at = i;
    marks[at]?.classList.add("at");
    line.textContent = marks[at]?.dataset.says ?? line.dataset.rest;
    line.classList.toggle("live", at >= 0);
  };
  chart.addEventListener("pointerover", (event) => { const i = marks.indexOf(event.target); if (i >= 0) show(i); });
  chart.addEventListener("pointerleave", () => show(-1));
  chart.addEventListener("focus", () => { if (at < 0 && chart.matches(":focus-visible")) show(0); });
  chart.addEventListener("blur", () => show(-1));
  chart.addEventListener("keydown", (event) => {
    const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns };
    const next = event.key === "Home" ? 0 : event.key === "End" ? marks.length - 1 : Math.max(at, 0) + steps[event.key];
    if (!(next >= 0 && next < marks.length)) return;
    event.preventDefault();
    show(next);
  });
}
`;
