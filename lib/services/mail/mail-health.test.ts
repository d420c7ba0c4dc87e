import { afterEach, describe, expect, test } from "vitest";
import { freePort } from "#lib/testing/listening";
import { mailHealth } from "./mail-health";
import { mailServerOfFile } from "./testing/mail-server";

const server = await mailServerOfFile();
const settings = (SMTP_URL: string | undefined) => ({
  SMTP_URL,
  MAIL_FROM: undefined,
  NEXTAUTH_URL: undefined,
});
afterEach(() => {
  Reflect.deleteProperty(globalThis, Symbol.for("tollgate.mail-probe"));
});

describe("the health of the mail server", () => {
  test("is unknown without one", async () => {
    expect(await mailHealth(settings(undefined))).toEqual({ configured: false });
  });

  test("is bad while it cannot be reached, and good once it can", async () => {
    let now = 0;
    const away = settings(`smtp://127.0.0.1:${await freePort()}`);
    expect(await mailHealth(away, () => now)).toEqual({ configured: true, healthy: false });
    // Asked at most every half minute.
    now += 29_000;
    expect(await mailHealth(settings(server.url), () => now)).toEqual({ configured: true, healthy: false });
    now += 2_000;
    expect(await mailHealth(settings(server.url), () => now)).toEqual({ configured: true, healthy: true });
  });
});
