import { Writable } from "node:stream";
import { pino } from "pino";
import { describe, expect, test } from "vitest";
import { logOptions } from "./log";

function linesOf(write: (log: pino.Logger) => void): string {
  let text = "";
  const sink = new Writable({
    write(chunk, _encoding, done) {
      text += chunk;
      done();
    },
  });
  write(pino({ ...logOptions(), level: "info" }, sink));
  return text;
}

describe("the log", () => {
  test("is one JSON object per line, with the level's name and the time in UTC", () => {
    const line: unknown = JSON.parse(linesOf((log) => log.info({ request_id: "r-1" }, "done")));
    expect(line).toMatchObject({
      level: "info",
      msg: "done",
      request_id: "r-1",
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    });
  });

  test("redacts fields named like secrets, also one level down", () => {
    const text = linesOf((log) =>
      log.warn(
        { password: "hunter2", headers: { authorization: "Bearer hunter2", cookie: "hunter2" } },
        "hm",
      ),
    );
    expect(text).not.toContain("hunter2");
    expect(text).toContain("[redacted]");
  });

  test("describes errors instead of dumping them", () => {
    const error = Object.assign(new Error("no\nparams: hunter2"), { credentials: "hunter2" });
    expect(linesOf((log) => log.error({ err: error }, "failed"))).not.toContain("hunter2");
    expect(linesOf((log) => log.error(error))).not.toContain("hunter2");
  });
});
