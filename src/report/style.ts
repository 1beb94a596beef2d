import { DARK, LIGHT, themeVariables } from './palette';

/** The one style sheet of every page. */
export const STYLE = `
:root{color-scheme:light dark;${themeVariables(LIGHT)}}
@media (prefers-color-scheme:dark){:root{${themeVariables(DARK)}}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:72rem;padding:1rem 1.25rem 3rem;background:var(--paper);color:var(--ink);font:1rem/1.5 system-ui,sans-serif}
h1{font-size:1.75rem;line-height:1.2;margin:.5rem 0;overflow-wrap:anywhere}
h2{font-size:1.3rem;margin:2.5rem 0 .75rem;padding-bottom:.25rem;border-bottom:1px solid var(--rule)}
h3{font-size:1.05rem;margin:1.5rem 0 .5rem}
p,li{max-width:60rem}
a{color:var(--link)}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}
main:focus,h2:focus{outline:none}
.skip{position:absolute;left:-99rem}
.skip:focus{left:1rem;top:.5rem;padding:.5rem .75rem;background:var(--paper);z-index:1}
nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1.25rem;list-style:none;padding:0}
.scroll{overflow-x:auto;margin:1rem 0}
table{border-collapse:collapse;font-variant-numeric:tabular-nums}
caption{text-align:left;font-weight:600;padding:.25rem 0}
th,td{padding:.25rem .75rem;border-bottom:1px solid var(--rule);text-align:left;vertical-align:top}
thead th{background:var(--panel);vertical-align:bottom}
th[scope=row]{font-weight:500}
.number{text-align:right;white-space:nowrap}
figure{margin:1.5rem 0}
figcaption{font-weight:600}
.chart{overflow-x:auto}
.chart svg{display:block;max-width:100%;height:auto;min-width:34rem}
.note,footer{color:var(--muted);font-size:.9rem}
summary{cursor:pointer;color:var(--link);padding:.25rem 0}
code,pre{font-family:ui-monospace,monospace;font-size:.9em;background:var(--panel)}
code{padding:.1em .3em;overflow-wrap:anywhere}
pre{padding:.75rem;overflow-x:auto}
.error{color:var(--error);font-weight:600}
.warning{color:var(--warning);font-weight:600}
@media print{nav,.skip{display:none}h2{break-after:avoid}figure{break-inside:avoid}}
`;
