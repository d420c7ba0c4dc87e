import { execFileSync } from "node:child_process";
import { Writable } from "node:stream";
import { pino } from "pino";
import { describe, expect, test } from "vitest";
import { inheritedEnvironment } from "#lib/config/child-environment";
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

test("loses no line when the process exits, and keeps their order", () => {
  const program = `
    import { log, logRequest } from "#lib/observability/log";
    const line = (id) => ({ requestId: String(id), model: "m", provider: "p", status: 200, code: null, latencyMs: 1 });
    for (let id = 0; id < 250; id++) logRequest(line(id));
    log.warn("between");
    for (let id = 250; id < 300; id++) logRequest(line(id));
    process.exit(0);`;
  const node = ["--conditions=react-server", "--import", "tsx", "--input-type=module", "-e", program];
  const written = execFileSync(process.execPath, node, {
    encoding: "utf8",
    env: { ...inheritedEnvironment({}), LOG_LEVEL: "info" },
  });
  const ids = written
    .trim()
    .split("\n")
    .map((line): { requestId?: string } => JSON.parse(line))
    .map(({ requestId }) => requestId ?? "between");
  const requests = Array.from({ length: 300 }, (_, id) => String(id));
  expect(ids).toEqual([...requests.slice(0, 250), "between", ...requests.slice(250)]);
});
