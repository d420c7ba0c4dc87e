import { describe, expect, test } from "vitest";
import { deviceName } from "./device-name";

const CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36";

describe("the name of a device", () => {
  test.each([
    ["Firefox on Linux", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"],
    ["Chrome on Windows", `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${CHROME}`],
    ["Edge on Windows", `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${CHROME} Edg/142.0.0.0`],
    ["Chrome on Android", `Mozilla/5.0 (Linux; Android 16; Pixel 10) ${CHROME}`],
    [
      "Safari on macOS",
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15",
    ],
    [
      "Safari on iPhone",
      "Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1",
    ],
    ["curl", "curl/8.5.0"],
    ["Unknown device", "python-requests/2.32"],
    ["Unknown device", ""],
  ])("is %s for %s", (name, userAgent) => expect(deviceName(userAgent)).toBe(name));

  test("is unknown without a header", () => expect(deviceName(null)).toBe("Unknown device"));
});
