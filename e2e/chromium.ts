import { existsSync } from "node:fs";
import { chromium } from "@playwright/test";

const SYSTEM = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Where a Chromium is: the system's, else the one that Playwright has installed; null for none. */
export function chromiumPath(): string | null {
  return [...SYSTEM, chromium.executablePath()].find((path) => existsSync(path)) ?? null;
}
