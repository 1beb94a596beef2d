import { DARK, LIGHT, themeVariables } from './palette';

/**
 * A table whose cells follow one another, each with the name of its column, where they do not fit side by side.
 * @param table selector of the tables
 */
const stacked = (table: string): string => `
${table},${table} caption,${table} tbody{display:block}
${table} thead{display:none}
${table} tr{display:flex;flex-wrap:wrap;gap:0 1.25rem;padding:.3rem 0;border-bottom:1px solid var(--rule)}
${table} tbody td,${table} tbody th{display:flex;gap:.4rem;padding:0;border:0}
${table} tbody th{flex-basis:100%}
${table} [data-l]::before{content:attr(data-l);color:var(--muted);font-weight:400;flex:none;max-width:11rem;white-space:normal;overflow-wrap:anywhere}
${table} tbody td:empty{display:none}`;

/** The one style sheet of every page. Nothing in it is smaller than 12 pixels, and nothing scrolls sideways. */
export const STYLE = `
:root{color-scheme:light dark;${themeVariables(LIGHT)}}
@media (prefers-color-scheme:dark){:root{${themeVariables(DARK)}}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:76rem;padding:.75rem 1.25rem 3rem;background:var(--paper);color:var(--ink);font:1rem/1.5 system-ui,sans-serif}
h1{font-size:1.35rem;line-height:1.2;margin:.25rem 0;overflow-wrap:anywhere}
h2{font-size:1.2rem;margin:2rem 0 .5rem;padding-bottom:.2rem;border-bottom:1px solid var(--rule)}
section:first-child h2{margin-top:.75rem}
h3{font-size:1rem;margin:1rem 0 .25rem}
p,li,dd{max-width:60rem;overflow-wrap:anywhere}
p{margin:.4rem 0}
header p{font-size:1.15rem;line-height:1.4}
header .note{font-size:.9rem}
a{color:var(--link)}
:focus-visible{outline:3px solid var(--link);outline-offset:2px}
main:focus,h2:focus{outline:none}
.skip{position:absolute;left:-99rem}
.skip:focus{left:1rem;top:.5rem;padding:.5rem .75rem;background:var(--paper);z-index:1}
nav ul{display:flex;flex-wrap:wrap;gap:.1rem 1rem;list-style:none;padding:0;margin:.4rem 0;font-size:.9rem}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;margin:.5rem 0;font-size:.9rem;max-width:100%}
caption{text-align:left;font-weight:600;padding:.2rem 0}
th,td{padding:.15rem .55rem;border-bottom:1px solid var(--rule);text-align:right;vertical-align:top;white-space:nowrap}
thead th,thead td{background:var(--panel);vertical-align:bottom;white-space:normal}
th[scope=row]{font-weight:500}
.t{text-align:left}
.prose{white-space:normal;overflow-wrap:anywhere}
figure{margin:1rem 0}
figcaption{font-weight:600}
.beside{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,30rem),1fr));gap:0 2rem;align-items:start}
.panels{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,18rem),1fr));gap:.5rem;margin:.3rem 0}
.panels.wide{grid-template-columns:repeat(auto-fill,minmax(min(100%,22rem),1fr));gap:.25rem 1.5rem}
.panel{min-width:0}
.panel p{margin:0;font-size:.9rem;font-weight:600}
.panel svg,.diagram{display:block;width:100%;height:auto}
.panel svg{max-width:22rem}
.diagram{max-width:24rem}
svg text{font:12px system-ui,sans-serif;fill:var(--ink)}
svg .m{fill:var(--muted)}
svg .g{fill:none;stroke:var(--rule)}
svg .a{fill:none;stroke:var(--muted)}
svg .r{fill:none;stroke:var(--muted);stroke-width:1.5;stroke-dasharray:2 3}
svg .l{fill:none;stroke-width:2;stroke-linejoin:round}
svg .b{stroke:var(--muted);stroke-width:1}
svg .f{opacity:.18}
svg .p{stroke:var(--paper);stroke-width:1.5;opacity:.85}
.legend{display:flex;flex-wrap:wrap;gap:.1rem 1rem;list-style:none;padding:0;margin:.2rem 0;font-size:.9rem}
.legend svg{width:1.8rem;height:.7rem;margin-right:.35rem;vertical-align:middle}
.draws{width:100%;line-height:1.3}
.draws wbr{display:none}
.draws .longest wbr,.panel .draws wbr{display:inline}
.panel .draws th.long{white-space:normal;min-width:5.5rem;overflow-wrap:anywhere}
.panel .draws .s{min-width:4rem}
.draws th.longest{white-space:normal;min-width:9rem;overflow-wrap:anywhere}
.draws .s{position:relative;width:99%;min-width:5.5rem;padding:0;background:linear-gradient(var(--muted),var(--muted)) calc(var(--z,-99)*1%) 0/1px 100% no-repeat}
.draws .s i,.draws .s b,.draws .s span{position:absolute;top:50%;left:calc(var(--x)*1%)}
.draws .s i{width:calc(var(--w)*1%);height:2px;margin-top:-1px;background:var(--c,var(--muted))}
.draws .s b{width:.65rem;height:.65rem;margin:-.325rem;border-radius:50%;background:var(--c,var(--paper));border:2px solid var(--c,var(--muted))}
.draws .s u{display:block;height:.45rem;width:calc(var(--w)*1%);min-width:1px;margin:.2rem 0;background:var(--c)}
.draws .s u+u{margin-top:-.1rem}
.draws .s b.under,.draws .s b.over{border:0;border-radius:0;background:var(--c,var(--muted));clip-path:polygon(100% 0,0 50%,100% 100%)}
.draws .s b.over{clip-path:polygon(0 0,100% 50%,0 100%)}
.draws .s span{top:0;transform:translateX(-50%);font-size:.8rem;color:var(--muted)}
.draws th,.draws td{padding-top:.1rem;padding-bottom:.1rem;vertical-align:middle}
.draws thead th{vertical-align:bottom}
.draws thead th:nth-child(n+3){white-space:nowrap}
.draws .axis td,.draws .axis th{border:0;height:1.4rem;background:none}
.draws .group th{padding-top:.3rem;font-weight:600;text-align:left;border-bottom-color:var(--muted)}
.draws .better{--c:var(--better)}
.draws .worse{--c:var(--worse)}
.draws .mark{text-align:left;padding-left:0;color:var(--c,var(--muted));font-weight:600}
.swatch{display:inline-block;width:.65rem;height:.65rem;margin-right:.4rem;border-radius:50%;background:var(--c)}
.heat{font-size:.8rem}
.heat td,.heat th{padding:.1rem .2rem;text-align:center;border:0}
.heat tbody td{background:color-mix(in srgb,var(--heat) calc(var(--v,0)*1%),transparent);border:1px solid var(--rule);min-width:1.5rem}
.heat th[scope=row]{text-align:left;white-space:normal;min-width:4rem;overflow-wrap:anywhere}
.heat .note{font-size:1em}
.heat thead th{font-weight:500;vertical-align:bottom;text-align:left}
.heat thead th+th{padding-bottom:.35rem;writing-mode:vertical-rl;transform:rotate(180deg);max-height:9rem;white-space:nowrap;overflow:hidden;vertical-align:top}
.note,footer{color:var(--muted);font-size:.9rem}
summary{cursor:pointer;color:var(--link);padding:.2rem 0}
code,pre{font-family:ui-monospace,monospace;font-size:.9em;background:var(--panel)}
code{padding:.1em .3em;overflow-wrap:anywhere}
pre{padding:.75rem;white-space:pre-wrap;overflow-wrap:anywhere}
.flag{white-space:nowrap}
.error{color:var(--error);font-weight:600}
.warning{color:var(--warning);font-weight:600}
${stacked('.stack.tall')}
@media (max-width:40rem){
body{padding:.5rem 1rem 2rem}
.draws .s{min-width:4rem}
.draws.bars .s{min-width:2.5rem}
.draws wbr{display:inline}
.draws th.long{white-space:normal;min-width:5.5rem;overflow-wrap:anywhere}
th,td{padding:.15rem .4rem}
.draws .wide{display:none}
${stacked('.stack')}
}
@media (max-width:24rem){
.draws th[scope=row]{white-space:normal;overflow-wrap:anywhere;min-width:3.5rem}
.draws .s{min-width:3rem}
.draws th,.draws td{padding-left:.3rem;padding-right:.3rem}
}
@media print{nav,.skip{display:none}h2{break-after:avoid}figure,.panel{break-inside:avoid}}
`;
