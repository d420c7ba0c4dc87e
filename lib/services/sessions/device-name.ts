/* The first match wins: browsers name those that they resemble, too. */
const BROWSERS: readonly [string, RegExp][] = [
  ["Edge", /\bEdg(?:e|A|iOS)?\//],
  ["Opera", /\b(?:OPR|Opera)\//],
  ["Firefox", /\b(?:Firefox|FxiOS)\//],
  ["Chrome", /\b(?:Chrome|HeadlessChrome|Chromium|CriOS)\//],
  ["Safari", /\bVersion\/[\d.]+.*Safari\//],
  ["curl", /^curl\//],
];
const SYSTEMS: readonly [string, RegExp][] = [
  ["iPhone", /iPhone/],
  ["iPad", /iPad/],
  ["Android", /Android/],
  ["Windows", /Windows/],
  ["macOS", /Mac OS X|Macintosh/],
  ["ChromeOS", /CrOS/],
  ["Linux", /Linux/],
];

/** What people call a device, from its browser's header: "Firefox on Linux". */
export function deviceName(userAgent: string | null): string {
  if (userAgent === null) return "Unknown device";
  const nameIn = (names: typeof BROWSERS) => names.find(([, shape]) => shape.test(userAgent))?.[0];
  const [browser, system] = [nameIn(BROWSERS), nameIn(SYSTEMS)];
  if (browser === undefined) return system ?? "Unknown device";
  return system === undefined ? browser : `${browser} on ${system}`;
}
