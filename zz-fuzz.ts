import { countTokens, decode } from "gpt-tokenizer/encoding/o200k_base";
const o = { disallowedSpecial: new Set<string>() };
const c = (s: string) => countTokens(s, o);
const r = (n: number) => Math.floor(Math.random() * n);
const b64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const L = 60;
const pick = (a: string) => () => Array.from({ length: L }, () => a[r(a.length)]).join("");
const words = (f: RegExp) => () => { let s = ""; while (s.length < L) { const t = decode([r(199000)]); if (f.test(t)) s += t; } return s; };
const gens: Record<string, () => string> = {
  b64: pick(b64), lower: pick("abcdefghijklmnopqrstuvwxyz"), vowels: pick("aeioustrn"), aa: pick("ab"), punct: pick("!@#$%^&*()-=_+[]{};':\",./<>?|\\~`"), dots: pick("-=_*.#/"), white: pick(" \n\t\r"), sp: pick("  \n"),
  wlower: words(/^[a-z]+$/), wpunct: words(/^[^\p{L}\p{N}\s]+$/u), wwhite: words(/^\s+$/), wany: words(/^[\x00-\x7f]+$/), wcjk: words(/^\p{Lo}+$/u), wall: words(/./),
};
for (const [n, g] of Object.entries(gens)) {
  const hist = new Map<number, number>(); let ex = "";
  const end = Date.now() + 5000;
  while (Date.now() < end) { const s = g(); const w = c(s); for (let q = 0; q < 5; q++) { const k = 5 + r(s.length - 10); const d = w - c(s.slice(0, k)) - c(s.slice(k)); hist.set(d, (hist.get(d) ?? 0) + 1); if (d > 2) ex = JSON.stringify([s, k]); } }
  console.log(n, [...hist].sort((a, b) => b[0] - a[0]).slice(0, 5).join(" "), ex);
}
