// What a visitor does in every view: act(n) does it for the n-th time, answered() gives a question that is true once the answer stands,
// place() is what is scrolled into view before. A list of what can be done before anything is trained, and one of what can be after.
(() => {
  const $ = (selector) => document.querySelector(selector);
  const all = (selector, under = document) => [...under.querySelectorAll(selector)];
  const panel = (title) => all("article.panel").find((each) => each.querySelector("h2").textContent === title);
  const within = (title, selector) => () => panel(title).querySelector(selector);
  const turn = (inputs, n) => inputs.filter((each) => !each.disabled)[n % inputs.length].click();
  const other = (inputs) => inputs.find((each) => !each.checked && !each.disabled).click();
  const slide = (input, value) => ((input.value = value), input.dispatchEvent(new Event("input", { bubbles: true })));
  const say = (form, text) => (slide(form.querySelector("input"), text), form.requestSubmit());

  // Another element in its place, or other content in it; of a chart, other lines.
  const changed = (find) => () => {
    const [was, content] = [find(), find()?.innerHTML];
    return () => find() && (find() !== was || find().innerHTML !== content);
  };
  const redrawn = (find) => () => {
    const lines = find()?.data;
    return () => find()?.data && find().data !== lines;
  };
  const tab = (name, inside) => ({
    name,
    does: "opened",
    before: () => $(`#tab-${name === "compare" ? "explainers" : "compare"}`).click(),
    act: () => $(`#tab-${name}`).click(),
    answered: () => () => $(`[data-tab=${name}]:not([hidden]) ${inside}`),
  });
  const column = (title) => changed(within(title, ".compared"));

  const chosen = [
    {
      name: "variants",
      does: "another norm",
      act: (n) => turn(all(".variant[data-letter=A] .axis[data-axis=norm] input"), n + 1),
      answered: changed(() => $(".variant[data-letter=A] .picture")),
    },
    {
      name: "code",
      does: "of another variant",
      act: (n) => ($(".code-sheet")?.close(), $(`.variant[data-letter=${"AB"[n % 2]}] .under button`).click()),
      answered: changed(() => $(".code-sheet[open] .code")),
    },
    {
      name: "explainer",
      does: "dragged",
      place: () => ($("#tab-explainers").click(), $("#explain-rope")),
      act: (n) => slide($("#explain-rope input[type=range]"), 3 + n),
      answered: changed(() => $("#explain-rope .x-says")),
    },
    tab("systems", "table"),
    tab("lessons", ".lesson"),
    tab("corrections", "article"),
    tab("skills", "table"),
    tab("compare", ".variant"),
  ];
  const trained = [
    {
      name: "loss",
      does: "another axis",
      place: () => panel("Loss"),
      act: () => other(all(".seg:first-of-type input[type=radio]", panel("Loss"))),
      answered: redrawn(() => $(".plot")),
    },
    {
      name: "inside the run",
      does: "layers or training",
      place: () => panel("Inside the run"),
      act: () => other(all(".seg input", panel("Inside the run"))),
      answered: redrawn(within("Inside the run", ".plot")),
    },
    {
      name: "attention",
      does: "another sentence",
      place: () => panel("Attention"),
      act: (n) => say(panel("Attention").querySelector("form"), `Mia lost ${n} kites.`),
      answered: column("Attention"),
    },
    {
      name: "attention",
      does: "another step",
      place: () => panel("Attention"),
      act: (n) => slide(panel("Attention").querySelector(".through-time input"), n),
      answered: column("Attention"),
    },
    {
      name: "attention",
      does: "another head",
      place: () => panel("Attention"),
      act: (n) => turn(all("[data-pick=head] input", panel("Attention")), n + 1),
      answered: column("Attention"),
    },
    {
      name: "what each expects",
      does: "another sentence",
      place: () => panel("What each expects"),
      act: (n) => say(panel("What each expects").querySelector("form"), `Mia lost ${n} kites.`),
      answered: column("What each expects"),
    },
    {
      name: "what each expects",
      does: "another temperature",
      place: () => panel("What each expects"),
      act: (n) => slide(panel("What each expects").querySelector(".warmth input"), 0.5 + n / 10),
      answered: column("What each expects"),
    },
    {
      name: "cost",
      does: "another size",
      place: () => panel("Cost"),
      act: () => other(all(".cost-pictures .seg:first-of-type input", panel("Cost"))),
      answered: redrawn(within("Cost", ".plot")),
    },
  ];

  // Milliseconds from what is done to the frame in which its answer stands.
  const PATIENCE = 20000; // ms
  const timed = async ({ before, act, answered }, n) => {
    before?.();
    await new Promise(requestAnimationFrame);
    const there = answered();
    const began = performance.now();
    act(n);
    do {
      if (performance.now() - began > PATIENCE) throw new Error("no answer");
      await new Promise(requestAnimationFrame);
    } while (!there());
    return performance.now() - began;
  };
  window.views = { chosen, trained, timed };
})();
