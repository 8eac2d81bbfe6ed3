"""The diagram's look: one style sheet in the page's own CSS variables, with fallbacks for a picture by itself."""

STYLE = """
.diagram{--d-ink:var(--ink,#1b2230);--d-bg:var(--bg,#f6f7f9);--d-card:var(--card,#fff);--d-line:var(--line,#dde2ea);
--d-mark:var(--mark,#fff3cd);--d-edge:var(--mark-line,#e0a800);--d-k:var(--k,#0072b2);color:var(--d-ink);
font-family:system-ui,sans-serif;display:block;max-width:100%;height:auto}
.diagram text{fill:currentColor;font-family:inherit}
.diagram .d-faint{fill-opacity:.62}
.diagram .d-shape{fill:var(--d-bg);stroke:var(--d-line)}
.diagram .d-pill>.d-shape,.diagram .d-product>.d-shape{fill:var(--d-card)}
.diagram .d-ghost>.d-shape{fill:none;stroke:currentColor;stroke-opacity:.35;stroke-dasharray:3 3}
.diagram .d-sum>.d-shape{fill:var(--d-card);stroke:var(--d-k);stroke-width:2}
.diagram .marked>.d-shape{fill:var(--d-mark);stroke:var(--d-edge);stroke-opacity:1}
.diagram .d-wire,.diagram .d-frame,.diagram .d-tie{fill:none;stroke:currentColor;stroke-opacity:.5}
.diagram .d-frame{stroke-opacity:.3;stroke-dasharray:4 3}
.diagram .d-tie{stroke-dasharray:2 3}
.diagram .d-head{fill:currentColor;fill-opacity:.5}
.diagram .d-stream{stroke:var(--d-k);stroke-width:4;stroke-linecap:round}
.diagram .d-tap{fill:var(--d-k)}
.diagram .d-query{fill:var(--d-k);fill-opacity:.85}
.diagram .d-shared{fill:var(--d-k);fill-opacity:.45}
.diagram .d-unseen{fill:currentColor;fill-opacity:.08}
.diagram .d-curve{fill:none;stroke:var(--d-k);stroke-width:1.6;stroke-linejoin:round;stroke-linecap:round}
.diagram .d-axis{stroke:currentColor;stroke-opacity:.25}
""".replace("\n", "")
