// Swaps a fragment in without replacing what is the same: a click, the focus and a light's rhythm survive (A2 E2).
// Used by htmx as hx-swap="morph". An older picture never replaces a newer one.

export function morph(old, fresh) {
  const wanted = [...fresh.childNodes].filter(worthwhile);
  let at = [...old.childNodes].filter(worthwhile)[0] ?? null;
  for (const node of wanted) {
    const match = find(at, node);
    if (match === null) {
      old.insertBefore(node, at);
      continue;
    }
    if (match !== at) old.insertBefore(match, at);
    else at = next(at);
    become(match, node);
  }
  while (at !== null) {
    const gone = at;
    at = next(at);
    gone.remove();
  }
}

const worthwhile = (node) => node.nodeType === 1 || (node.nodeType === 3 && node.data.trim() !== "");

function next(node) {
  let after = node.nextSibling;
  while (after !== null && !worthwhile(after)) after = after.nextSibling;
  return after;
}

// What an element is, whatever it shows at the moment: two of one identity are the same thing.
function identity(node) {
  if (node.nodeType !== 1) return "text";
  const own = node.id || node.dataset.seat || node.dataset.line || node.dataset.call || node.dataset.queue || node.dataset.do || "";
  const kind = [...node.classList].find((name) => !name.startsWith("htmx-")) ?? ""; // htmx marks a button whose request is under way
  return `${node.localName} ${own} ${kind}`;
}

function find(from, node) {
  const wanted = identity(node);
  for (let each = from; each !== null; each = next(each)) if (identity(each) === wanted) return each;
  return null;
}

function become(old, fresh) {
  if (old.nodeType !== 1) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  const kept = new Set((fresh.dataset.kept ?? "").split(" ")); // what a script of the page sets by itself
  for (const { name, value } of fresh.attributes) if (!kept.has(name) && old.getAttribute(name) !== value) old.setAttribute(name, value);
  for (const { name } of [...old.attributes]) if (!kept.has(name) && !fresh.hasAttribute(name)) old.removeAttribute(name);
  if (old === document.activeElement && old.matches("input, select, textarea")) return;
  if (!kept.has("text")) morph(old, fresh);
}

const number = (root) => Number(root.querySelector("[data-number]")?.dataset.number ?? NaN);

function swap(target, fragment) {
  if (number(fragment) < number(target)) return [];
  morph(target, fragment);
  htmx.process(target); // at once: a new button works before the page has settled
  return [target];
}

htmx.defineExtension("morph", {
  isInlineSwap: (style) => style === "morph",
  handleSwap: (style, target, fragment) => style === "morph" && swap(target, fragment),
});

// The button asked, and is gone before its answer: htmx finds no hx-swap above it any more, and would put the whole panel anew.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { target, requestConfig, serverResponse, shouldSwap } = event.detail;
  if (!shouldSwap || requestConfig.elt.isConnected || target.closest("[hx-swap=morph]") === null) return;
  event.detail.shouldSwap = false;
  const answer = document.createElement("template");
  answer.innerHTML = serverResponse;
  swap(target, answer.content);
});
