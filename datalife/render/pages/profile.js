"use strict";
// Builds the page from the profile in #data. Text of the data becomes text nodes only, never HTML.
(() => {
  const profile = JSON.parse(document.getElementById("data").textContent);
  const main = document.getElementById("profile");
  const OPEN_AT_FIRST = 40; // with more columns, cards are closed until somebody opens them
  const MOST_PAIRS = 50;
  const MOST_VALUES = 12;
  const view = { search: "", sort: "data", log: false, bins: "histogram", piece: -1 };

  // ---- text -------------------------------------------------------------------------------------------------
  const NOTHING = "–";
  const safe = (text) => String(text).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (sign) => `\\u{${sign.codePointAt(0).toString(16)}}`);
  const number = (value) => {
    if (value === null || value === undefined) return NOTHING;
    if (typeof value !== "number") return safe(value);
    if (Number.isInteger(value) && Math.abs(value) < 1e15) return value.toLocaleString("en-US");
    const size = Math.abs(value);
    return size >= 1e-4 && size < 1e10
      ? value.toLocaleString("en-US", { maximumSignificantDigits: 5 })
      : value.toExponential(3);
  };
  const share = (part) => {
    if (part === null || part === undefined) return NOTHING;
    const percent = part * 100;
    if (percent === 0 || percent === 100) return `${percent} %`;
    if (percent < 0.1) return "<0.1 %";
    if (percent > 99.9) return ">99.9 %";
    return `${percent.toFixed(percent < 9.95 || percent > 99 ? 1 : 0)} %`;
  };
  const shown = (value) => (value === null ? "missing" : typeof value === "string" ? value || '""' : String(value));

  // ---- elements ---------------------------------------------------------------------------------------------
  const make = (tag, kind = "", ...children) => {
    const element = document.createElement(tag);
    if (kind) element.className = kind;
    element.append(...children.map((child) => (child instanceof Node ? child : safe(child))));
    return element;
  };
  const bar = (part, side = "width") => {
    const element = make("span", "bar");
    element.style[side] = `${Math.max(0, Math.min(1, part)) * 100}%`;
    return element;
  };
  const grid = (headings, rows) => {
    const table = make("table");
    table.append(make("tr", "", ...headings.map((each) => make("th", "", each))));
    for (const row of rows) {
      const cells = row.map((each) => make("td", typeof each === "number" ? "number" : "", typeof each === "number" ? number(each) : each));
      table.append(make("tr", "", ...cells));
    }
    return make("div", "scroll", table);
  };
  const list = (pairs) => {
    const found = pairs.filter(([, value]) => value !== undefined);
    return make("dl", "", ...found.flatMap(([name, value]) => [make("dt", "", name), make("dd", "", value)]));
  };

  // ---- a column ---------------------------------------------------------------------------------------------
  const heights = (counts) => {
    const scale = view.log ? (count) => Math.log1p(count) : (count) => count;
    const most = Math.max(...counts.map(scale), 0);
    return counts.map((count) => (most && count ? Math.max(0.02, scale(count) / most) : 0));
  };
  const histogramOf = (column) => (view.bins === "quantile_histogram" && column.quantile_histogram) || column.histogram;
  const spark = (column) => {
    const counts = column.histogram ? column.histogram.counts : (column.top_values || []).slice(0, 12).map((each) => each.count);
    return make("span", "spark", ...heights(counts).map((part) => bar(part, "height")));
  };
  const chart = (column) => {
    const { edges, counts } = histogramOf(column);
    const said = make("div", "said");
    const total = counts.reduce((sum, count) => sum + count, 0);
    const isUneven = view.bins === "quantile_histogram" && typeof edges[0] === "number" && edges.at(-1) > edges[0];
    // bins of equal counts differ in width; their height is the density
    const width = (place) => (isUneven ? (edges[place + 1] - edges[place]) / (edges.at(-1) - edges[0]) : 1 / counts.length);
    const drawn = heights(isUneven ? counts.map((count, place) => count / Math.max(width(place), 1e-9)) : counts);
    const pieces = drawn.map((part, place) => {
      const piece = make("span", "", bar(part, "height"));
      piece.style.flex = `${Math.max(width(place), 1e-4)} 0 0`;
      const text = `${number(edges[place])} to ${number(edges[place + 1])}: ${number(counts[place])} (${share(counts[place] / total)})`;
      piece.title = text;
      piece.addEventListener("mouseenter", () => said.replaceChildren(safe(text)));
      return piece;
    });
    const ends = make("div", "ends", make("span", "", number(edges[0])), make("span", "", number(edges.at(-1))));
    return make("div", "", make("h3", "", "distribution"), make("div", "chart", ...pieces), ends, said);
  };
  const frequent = (title, pairs, total) => {
    const cells = pairs.flatMap(([value, count]) => [
      make("span", "value", shown(value)),
      make("span", "track", bar(count / total)),
      make("span", "", `${number(count)} (${share(count / total)})`),
    ]);
    return make("div", "", make("h3", "", title), make("div", "values", ...cells));
  };
  const FIGURES = {
    count: "present", null_count: "missing", distinct_count: "distinct", min: "min", max: "max", mean: "mean", std: "std",
    median: "median", sum: "sum", skewness: "skewness", kurtosis: "kurtosis", zero_count: "zeros",
    negative_count: "negative", nan_count: "NaN", inf_count: "infinite", true_count: "true", false_count: "false",
    min_length: "shortest", max_length: "longest", mean_length: "mean length", empty_count: "empty",
    blank_count: "only spaces", min_items: "fewest items", max_items: "most items", mean_items: "mean items",
    total_items: "all items",
  };
  const figures = (column) => {
    const pairs = Object.entries(FIGURES).map(([key, name]) => {
      const text = column[key] === undefined ? undefined : number(column[key]);
      return [name, text !== undefined && key === "distinct_count" && !column.distinct_exact ? `about ${text}` : text];
    });
    return make("div", "", make("h3", "", "statistics"), list(pairs));
  };
  const quantiles = (column) => {
    const title = column.quantiles_exact ? "quantiles" : "quantiles, estimated";
    const pairs = Object.entries(column.quantiles).map(([level, value]) => [share(Number(level)), number(value)]);
    return make("div", "", make("h3", "", title), list(pairs));
  };
  const weighted = (found) => {
    const names = ["count", "null_count", "mean", "std", "median", "sum"];
    const pairs = names.map((name) => [FIGURES[name], found[name] === undefined ? undefined : number(found[name])]);
    return make("div", "", make("h3", "", `weighted by ${profile.weight.column}`), list(pairs));
  };
  const hints = (found) =>
    make("ul", "hints", ...found.map((each) => make("li", "", make("span", "code", each.code), ` ${each.message}`)));
  const fill = (card, column) => {
    const parts = [];
    if ((column.hints || []).length) parts.push(hints(column.hints));
    if (histogramOf(column)) parts.push(chart(column));
    parts.push(figures(column));
    if (column.quantiles) parts.push(quantiles(column));
    if ((column.top_values || []).length) {
      parts.push(frequent("top values", column.top_values.slice(0, MOST_VALUES).map((each) => [each.value, each.count]), column.count || 1));
    }
    if ((column.patterns || []).length) {
      const title = column.patterns_exact ? "shapes" : "shapes, estimated";
      parts.push(frequent(title, column.patterns.map((each) => [each.pattern, each.count]), column.count || 1));
    }
    if (column.weighted) parts.push(weighted(column.weighted));
    card.querySelector(".inside").replaceChildren(...parts);
  };
  const summary = (column) => {
    const distinct = column.distinct_count === undefined ? "" : `${column.distinct_exact ? "" : "~"}${number(column.distinct_count)} distinct`;
    const missing = make("span", "missing", share(column.null_fraction), make("span", "track", bar(column.null_fraction || 0)));
    missing.title = `${number(column.null_count)} missing`;
    const name = make("span", "name", column.name || '""');
    if ((column.hints || []).length) name.append(make("span", "code", ` ⚑${column.hints.length}`));
    return make("summary", "", name, make("span", "dim", column.type), missing, make("span", "dim", distinct), spark(column));
  };
  const card = (column, isOpen) => {
    const element = make("details", "card", summary(column), make("div", "inside"));
    element.id = `column ${column.name}`;
    element.addEventListener("toggle", () => element.open && fill(element, column));
    element.open = isOpen;
    return element;
  };
  // fields of structs and items of lists are cards of their own
  const flat = (column, name = column.name) => [
    { ...column, name },
    ...(column.items ? flat(column.items, `${name}[]`) : []),
    ...(column.fields || []).flatMap((each) => flat(each)),
  ];

  // ---- the page ---------------------------------------------------------------------------------------------
  const SORTS = {
    data: ["order of the data", () => 0],
    name: ["name", (one, other) => one.name.localeCompare(other.name)],
    missing: ["most missing", (one, other) => (other.null_fraction || 0) - (one.null_fraction || 0)],
    distinct: ["most distinct", (one, other) => (other.distinct_count || 0) - (one.distinct_count || 0)],
    hints: ["most hints", (one, other) => (other.hints || []).length - (one.hints || []).length],
  };
  if (profile.label) {
    const told = (column) => (column.label && column.label.mutual_information) || 0;
    SORTS.label = ["tells most about the label", (one, other) => told(other) - told(one)];
  }
  const cards = make("section");
  const counted = make("span", "dim");
  const draw = () => {
    const piece = view.piece < 0 ? profile : profile.slices[view.piece];
    const every = piece.columns.flatMap((column) => flat(column));
    const sought = view.search.toLowerCase();
    const columns = every.filter((column) => column.name.toLowerCase().includes(sought)).sort(SORTS[view.sort][1]);
    counted.textContent = `${number(columns.length)} of ${number(every.length)} columns, ${number(piece.rows)} rows`;
    cards.replaceChildren(...columns.map((column) => card(column, columns.length <= OPEN_AT_FIRST)));
  };
  const select = (name, options, current, change) => {
    const element = make("select");
    element.setAttribute("aria-label", name);
    for (const [value, text] of options) element.append(new Option(safe(text), value, false, value === current));
    element.addEventListener("change", () => { change(element.value); draw(); });
    return element;
  };
  const by = (piece) =>
    piece.gathered
      ? `${piece.gathered} rare slices together`
      : Object.entries(piece.by).map(([name, value]) => `${name} = ${shown(value)}`).join(", ");
  const tools = () => {
    const search = make("input");
    search.type = "search";
    search.placeholder = "find a column";
    search.setAttribute("aria-label", "find a column");
    search.addEventListener("input", () => { view.search = search.value; draw(); });
    const log = make("input");
    log.type = "checkbox";
    log.addEventListener("change", () => { view.log = log.checked; draw(); });
    const fold = (isOpen) => () => cards.querySelectorAll("details").forEach((each) => { each.open = isOpen; });
    const [open, close] = ["open all", "close all"].map((text) => make("button", "", text));
    open.addEventListener("click", fold(true));
    close.addEventListener("click", fold(false));
    const parts = [
      search,
      select("sort", Object.entries(SORTS).map(([key, [text]]) => [key, text]), view.sort, (value) => { view.sort = value; }),
      select("bins", [["histogram", "bins of equal width"], ["quantile_histogram", "bins of equal counts"]], view.bins, (value) => { view.bins = value; }),
      make("label", "", log, " log scale"),
    ];
    if ((profile.slices || []).length) {
      const pieces = profile.slices.map((piece, place) => [String(place), `${by(piece)} (${number(piece.rows)})`]);
      parts.push(select("slice", [["-1", "all rows"], ...pieces], "-1", (value) => { view.piece = Number(value); }));
    }
    return make("div", "tools", ...parts, open, close, counted);
  };
  const folded = (title, ...children) => {
    const heading = make("summary", "whole", make("span", "name", title));
    return make("details", "card", heading, ...children);
  };
  const overview = () => {
    const parts = [make("h1", "", `${number(profile.rows)} rows, ${number(profile.columns.length)} columns`)];
    parts.push(make("p", "dim", (profile.sources || []).join(", ")));
    const noted = profile.columns.filter((column) => (column.hints || []).length);
    if (noted.length) {
      const rows = noted.flatMap((column) => column.hints.map((each, place) => [place ? "" : column.name, make("span", "code", each.code), each.message]));
      parts.push(folded(`worth a look (${rows.length})`, grid(["column", "hint", "evidence"], rows)));
    }
    return parts;
  };
  const associations = () => {
    const parts = [];
    if (profile.label) {
      const told = profile.columns.filter((column) => column.label).sort(SORTS.label[1]);
      const rows = told.map((column) => [column.name, column.label.mutual_information, column.label.correlation ?? NOTHING, column.label.measure.replace("_", " ")]);
      const title = `what tells about ${profile.label.column} (${profile.label.task}, ${number(profile.label.entropy)} bits to know)`;
      parts.push(folded(title, grid(["column", "bits", "correlation", "measure"], rows)));
    }
    if (profile.correlations) {
      const rows = profile.correlations.pairs.slice(0, MOST_PAIRS).map((pair) => [...pair.columns, pair.value, pair.spearman ?? "", pair.measure.replace("_", " ")]);
      parts.push(folded(`correlations (${number(profile.correlations.measured)} pairs)`, grid(["column", "and", "value", "ranks", "measure"], rows)));
    }
    return parts;
  };
  const coverage = () => {
    const parts = [];
    if (profile.cross) {
      const { columns, empty, empty_count: count, combinations } = profile.cross;
      const rows = empty.map((each) => [...columns.map((name) => shown(each.values[name])), each.expected]);
      const title = `${columns.join(" and ")}: ${number(count)} of ${number(combinations)} combinations have no row`;
      parts.push(folded(title, grid([...columns, "rows that chance would give"], rows)));
    }
    if (profile.fairness) {
      const { group, groups, label, demographic_parity_difference: difference } = profile.fairness;
      const rates = (each) => (each.label_rates ? each.label_rates.map((rate) => `${shown(rate.value)} ${share(rate.rate)}`).join(", ") : number(each.label_mean));
      const rows = groups.map((each) => [...group.map((name) => shown(each.by[name])), each.rows, share(each.fraction), rates(each)]);
      parts.push(folded(`groups: demographic parity difference ${number(difference)}`, grid([...group, "rows", "share", label], rows)));
    }
    return parts;
  };
  main.append(...overview(), ...associations(), ...coverage(), tools(), cards);
  draw();
})();
