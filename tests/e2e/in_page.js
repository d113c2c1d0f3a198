// What a page must keep for everybody, looked at from inside it. One function: Playwright hands it to the page.
// `least` is the side of the smallest target in CSS pixels. Returns one [rule, element, words] for each thing that is wrong.
(least) => {
  const found = [];
  const wrong = (rule, element, words) => found.push([rule, shown(element), words]);

  // ---- words for an element, and what is seen of it ----

  function shown(element) {
    const id = element.id ? `#${element.id}` : "";
    const kind = element.classList.length ? `.${[...element.classList].join(".")}` : "";
    const words = (element.textContent || "").trim().replace(/\s+/g, " ").slice(0, 40);
    return `<${element.localName}${id}${kind}> ${words}`;
  }

  function isSeen(element) {
    if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) return false;
    const box = element.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && box.right > 0 && !isOnlyRead(element);
  }

  // What an element has from those around it is worked out once for each.
  function once(work) {
    const known = new Map();
    return (element) => {
      if (!known.has(element)) known.set(element, work(element));
      return known.get(element);
    };
  }

  const isOnlyRead = once((element) => {
    const style = getComputedStyle(element);
    if (style.clipPath === "inset(50%)" || style.clip === "rect(0px, 0px, 0px, 0px)") return true;
    return element.parentElement ? isOnlyRead(element.parentElement) : false;
  });

  // ---- names ----

  function namedBy(element, attribute) {
    const ids = (element.getAttribute(attribute) || "").split(/\s+/).filter(Boolean);
    return ids.map((id) => document.getElementById(id)?.textContent || "").join(" ");
  }

  function words(node) {
    if (node.nodeType === Node.TEXT_NODE) return node.data;
    if (node.nodeType !== Node.ELEMENT_NODE || node.getAttribute("aria-hidden") === "true") return "";
    if (node.getAttribute("aria-label")) return node.getAttribute("aria-label");
    if (node.localName === "img") return node.alt;
    return [...node.childNodes].map(words).join(" ");
  }

  // A hint inside a field and a tooltip are not names: one goes when a person types, the other never comes on a phone.
  function nameOf(element) {
    const given = namedBy(element, "aria-labelledby") || element.getAttribute("aria-label") || "";
    if (given.trim()) return given.trim();
    if (element.matches("input[type=submit], input[type=button]")) return element.value.trim();
    if (element.labels?.length) return [...element.labels].map(words).join(" ").trim();
    return element.matches("input, select, textarea") ? "" : words(element).trim();
  }

  const CONTROLS = "a[href], button, summary, input:not([type=hidden]), select, textarea, [tabindex]:not([tabindex='-1'])";
  const ACTING = ["button", "link", "checkbox", "radio", "switch", "tab", "option", "menuitem"];
  // What is hidden from readers and left out by Tab is there for the Enter key alone.
  const controls = [...document.querySelectorAll(CONTROLS)].filter((one) => one.tabIndex >= 0 || !one.closest("[aria-hidden=true]"));

  function checkNames() {
    for (const control of controls) {
      if (!nameOf(control)) wrong("name", control, "has no name");
    }
    for (const picture of document.querySelectorAll("img:not([alt])")) wrong("name", picture, "has no alt");
    for (const drawing of document.querySelectorAll("svg")) {
      const named = drawing.getAttribute("role") === "img" && drawing.querySelector("title")?.textContent.trim();
      if (!named && !drawing.closest("[aria-hidden=true]")) wrong("name", drawing, "is neither named nor hidden");
    }
    checkApart();
    for (const group of document.querySelectorAll("fieldset, [role=group], [role=radiogroup], nav")) {
      const title = group.querySelector(":scope > legend")?.textContent.trim();
      if (!title && !groupName(group)) wrong("name", group, "is a group without a name");
    }
  }

  // Of two fields with one name nobody knows which is which; those of a row, or of a part with a heading, have that too.
  function checkApart() {
    const places = new Map();
    for (const field of document.querySelectorAll("form :is(input:not([type=hidden], [type=checkbox], [type=radio]), select, textarea)")) {
      const place = field.closest("fieldset, [role=group], [role=radiogroup], section[aria-labelledby], li, tr, form");
      const [names, name] = [places.get(place) ?? new Set(), nameOf(field)];
      if (names.has(name)) wrong("name", field, `is called like the one before it: ${name}`);
      places.set(place, names.add(name));
    }
  }

  function groupName(group) {
    return (namedBy(group, "aria-labelledby") || group.getAttribute("aria-label") || "").trim();
  }

  // ---- roles ----

  function checkRoles() {
    for (const control of controls) {
      const isNative = control.matches("a[href], button, summary, input, select, textarea");
      const role = control.getAttribute("role");
      if (!isNative && !role) wrong("role", control, "can be reached but says not what it is");
      if (isNative && role && !ACTING.includes(role)) wrong("role", control, `acts but calls itself ${role}`);
      if (Number(control.getAttribute("tabindex")) > 0) wrong("role", control, "jumps the order of the page");
    }
    for (const heading of document.querySelectorAll(":is(h1, h2, h3, h4, h5, h6)[role]")) {
      wrong("role", heading, `is a heading that calls itself ${heading.getAttribute("role")}`);
    }
    for (const link of document.querySelectorAll("a:not([href])")) wrong("role", link, "is a link that leads nowhere");
    for (const [attribute, list] of [["for", "label[for]"], ["aria-labelledby", "[aria-labelledby]"], ["aria-describedby", "[aria-describedby]"]]) {
      for (const element of document.querySelectorAll(list)) {
        const missing = element.getAttribute(attribute).split(/\s+/).filter((id) => id && !document.getElementById(id));
        if (missing.length) wrong("label", element, `${attribute} finds no ${missing.join(", ")}`);
      }
    }
    for (const picked of document.querySelectorAll("input[type=radio]")) {
      if (!picked.closest("fieldset, [role=radiogroup], [role=group]")) wrong("role", picked, "is one choice of no group");
    }
    for (const field of document.querySelectorAll("[aria-invalid=true]")) {
      if (!namedBy(field, "aria-describedby").trim()) wrong("label", field, "is marked as wrong, and nothing says how");
    }
    for (const bad of document.querySelectorAll("button button, a a, a button, button a, summary a, summary button, label button")) {
      wrong("role", bad, "acts inside what acts");
    }
  }

  // ---- the order of a page ----

  function checkOrder() {
    if (!document.documentElement.lang.trim()) wrong("language", document.documentElement, "names no language");
    if (!document.title.trim()) wrong("title", document.documentElement, "has no title");
    for (const only of ["h1", "main"]) {
      const count = document.querySelectorAll(only).length;
      if (count !== 1) wrong("one", document.body, `has ${count} of ${only}`);
    }
    let before = 1;
    for (const heading of document.querySelectorAll("h1, h2, h3, h4, h5, h6")) {
      const level = Number(heading.localName[1]);
      if (level > before + 1) wrong("headings", heading, `comes after h${before}`);
      before = level;
    }
    for (const table of document.querySelectorAll("table")) {
      if (!table.querySelector("tbody tr")) wrong("table", table, "has a head and no row: a sentence says it");
    }
    const ids = new Set();
    for (const element of document.querySelectorAll("[id]")) {
      if (ids.has(element.id)) wrong("ids", element, "is there twice");
      ids.add(element.id);
    }
  }

  // ---- contrast ----

  const brush = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const mixed = new Map();

  function rgba(colour) {
    if (!mixed.has(colour)) {
      brush.clearRect(0, 0, 1, 1);
      brush.fillStyle = colour;
      brush.fillRect(0, 0, 1, 1);
      const [red, green, blue, alpha] = brush.getImageData(0, 0, 1, 1).data;
      mixed.set(colour, [red, green, blue, alpha / 255]);
    }
    return mixed.get(colour);
  }

  const over = (top, under) => [0, 1, 2].map((n) => top[n] * top[3] + under[n] * (1 - top[3])).concat(1);

  function light([red, green, blue]) {
    const linear = [red, green, blue].map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  }

  function contrast(one, other) {
    const [dark, bright] = [light(one), light(other)].sort((a, b) => a - b);
    return (bright + 0.05) / (dark + 0.05);
  }

  const isDark = matchMedia("(prefers-color-scheme: dark)").matches && getComputedStyle(document.documentElement).colorScheme.includes("dark");
  const canvas = isDark ? [18, 18, 18, 1] : [255, 255, 255, 1];

  // Every colour that may lie behind an element: those of a gradient are all possible.
  const grounds = once((element) => {
    const style = getComputedStyle(element);
    const stops = style.backgroundImage.includes("gradient") ? style.backgroundImage.match(/(?:rgba?|color|oklch|oklab)\([^()]*\)/g) : null;
    const painted = [...new Set(stops || [])].map(rgba).filter((colour) => colour[3] > 0);
    const plain = rgba(style.backgroundColor);
    const isShut = plain[3] === 1 || (painted.length && painted.every((colour) => colour[3] === 1));
    const behind = isShut || !element.parentElement ? [canvas] : grounds(element.parentElement);
    if (!painted.length && plain[3] === 0) return behind;
    return (painted.length ? painted : [plain]).flatMap((top) => behind.map((under) => over(top, under)));
  });

  function worst(colour, element) {
    return Math.min(...grounds(element).map((ground) => contrast(over(colour, ground), ground)));
  }

  function checkText(element, style) {
    const size = parseFloat(style.fontSize);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const seen = worst(rgba(style.color), element);
    if (seen < (isLarge ? 3 : 4.5) - 0.005) wrong("contrast", element, `${seen.toFixed(2)} : 1`);
  }

  function checkContrast() {
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const looked = new Set();
    while (walk.nextNode()) {
      const element = walk.currentNode.parentElement;
      if (!walk.currentNode.data.trim() || looked.has(element)) continue;
      looked.add(element);
      if (element.closest("svg, script, style, option, :disabled") || !isSeen(element)) continue;
      checkText(element, getComputedStyle(element));
    }
    for (const text of document.querySelectorAll("svg text")) {
      // A letter on a shape is read against that shape.
      const shape = text.previousElementSibling?.matches("rect, circle");
      if (isSeen(text) && !shape) checkText(text.closest("svg"), { ...picked(text), color: getComputedStyle(text).fill });
    }
    for (const field of document.querySelectorAll("input, select, textarea")) {
      if (!isSeen(field) || field.disabled || field.matches("[type=checkbox], [type=radio]")) continue;
      checkText(field, getComputedStyle(field));
      if (field.placeholder) checkText(field, getComputedStyle(field, "::placeholder"));
      const edge = worst(rgba(getComputedStyle(field).borderTopColor), field.parentElement);
      if (edge < 2.995) wrong("edge", field, `${edge.toFixed(2)} : 1`);
    }
  }

  function picked(text) {
    const style = getComputedStyle(text);
    return { fontSize: style.fontSize, fontWeight: style.fontWeight };
  }

  // ---- targets ----

  // A link in a sentence is as tall as its line; one that stands alone is a target.
  function isInSentence(control) {
    if (control.localName !== "a" || getComputedStyle(control).display !== "inline") return false;
    let around = control.parentElement;
    while (getComputedStyle(around).display === "inline") around = around.parentElement;
    const links = [...around.querySelectorAll("a")].map((link) => link.textContent).join("");
    return around.textContent.replace(/\s+/g, "").length > links.replace(/\s+/g, "").length;
  }

  function area(control) {
    const boxes = [control, ...(control.labels || [])].map((element) => element.getBoundingClientRect());
    return [Math.max(...boxes.map((box) => box.width)), Math.max(...boxes.map((box) => box.height))];
  }

  function checkTargets() {
    for (const control of controls) {
      if (!isSeen(control) || isInSentence(control)) continue;
      const [width, height] = area(control);
      if (Math.min(width, height) < least - 0.5) wrong("target", control, `${width.toFixed(0)} × ${height.toFixed(0)}`);
    }
  }

  // ---- nothing is cut off to the side ----

  function isScrolled(element) {
    for (let at = element.parentElement; at && at !== document.body; at = at.parentElement) {
      if (["auto", "scroll"].includes(getComputedStyle(at).overflowX)) return true;
    }
    return false;
  }

  function checkWidth() {
    const wide = document.documentElement;
    if (wide.scrollWidth > wide.clientWidth) wrong("width", wide, `${wide.scrollWidth} in ${wide.clientWidth}`);
    for (const element of document.body.querySelectorAll("*")) {
      const box = element.getBoundingClientRect();
      if (box.right > wide.clientWidth + 1 && isSeen(element) && !element.closest("svg") && !isScrolled(element)) {
        wrong("width", element, `ends at ${box.right.toFixed(0)} of ${wide.clientWidth}`);
      }
      const isCut = getComputedStyle(element).overflowX === "hidden" && element.scrollWidth > element.clientWidth + 1;
      if (isCut && isSeen(element)) wrong("width", element, "cuts what is in it");
    }
  }

  checkOrder();
  checkNames();
  checkRoles();
  checkContrast();
  checkTargets();
  checkWidth();
  return found;
}
