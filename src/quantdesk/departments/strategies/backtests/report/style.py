"""The style sheet of the report, for light and for dark."""

STYLE = """
:root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--ink:#1b2330;--soft:#667085;--rule:#e4e7ec;
--line:#2563eb;--up:#0f8a5f;--down:#c8372d;--warn:#fff4d6}
@media(prefers-color-scheme:dark){:root{--bg:#0e1116;--card:#161b22;--ink:#e6e9ee;--soft:#8b95a5;
--rule:#262d38;--line:#6ea0ff;--up:#3fc58e;--down:#ff7b70;--warn:#3a2f12}}
*{box-sizing:border-box}body{margin:0;background:var(--bg);color:var(--ink);
font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:1020px;margin:0 auto;padding:32px 20px 56px}
h1{font-size:26px;margin:0 0 4px;letter-spacing:-.01em}h2{font-size:17px;margin:0 0 6px}
header p,section p,small,footer{color:var(--soft)}header p,section p{margin:0 0 10px}
header span{display:inline-block;margin:0 6px 6px 0;padding:2px 10px;border:1px solid var(--rule);
border-radius:99px;font-size:13px;color:var(--soft)}header b{color:var(--ink);font-weight:600}
.warnings{margin:16px 0 0;padding:10px 14px 10px 32px;background:var(--warn);border-radius:10px}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(148px,1fr));gap:12px}
.tiles,figure,section{margin:16px 0 0}
.tiles div,figure,section:not(.tiles){background:var(--card);border:1px solid var(--rule);
border-radius:12px;padding:14px 16px}
.tiles strong{display:block;font-size:20px;font-variant-numeric:tabular-nums;
overflow-wrap:anywhere}.up{color:var(--up)}.down{color:var(--down)}
figcaption{font-weight:600;margin-bottom:6px}figcaption small{font-weight:400}
svg{display:block;width:100%;height:auto}svg text{fill:var(--soft);font-size:12px;
font-variant-numeric:tabular-nums}.grid,.axis{stroke:var(--rule);fill:none}
path.line,path.loss{fill:none;stroke:var(--line);stroke-width:1.6;stroke-linejoin:round}
path.loss{stroke:var(--down)}path.area{stroke:none;fill:var(--line);opacity:.14}
path.loss.area{fill:var(--down)}.buy,.gain{fill:var(--up)}.sell,rect.loss{fill:var(--down)}
.buy,.sell{opacity:.85}.none{color:var(--soft)}
table{width:100%;border-collapse:collapse;font-size:14px}
th{text-align:left;color:var(--soft);font-weight:500}
td,th{padding:6px 10px 6px 0;border-top:1px solid var(--rule);vertical-align:top}
thead th{border-top:0}td:nth-child(2){font-variant-numeric:tabular-nums}
footer{margin-top:20px;font:12px/1.6 ui-monospace,Menlo,Consolas,monospace;overflow-wrap:anywhere}
@media print{body{background:#fff}figure,section{break-inside:avoid}}
"""
