import { expect, test } from "vitest";
import { createBreakers, type SharedBreakers, type SharedDown } from "./breakers";

const target = { providerId: "p", credentialId: "", upstreamModel: "m" };
const met = { organizationId: "a", startedMs: 0, isProbe: false };

/** A table that replicas share, and how often it was written. */
function table() {
  const down = new Map<string, SharedDown>();
  const counts = { written: 0, claimed: 0 };
  let isAway = false;
  const ask = <T>(answer: () => T) =>
    isAway ? Promise.reject(new Error("away")) : Promise.resolve(answer());
  const shared: SharedBreakers = {
    markDown: (of) =>
      ask(() => {
        counts.written += 1;
        down.set(of.upstreamModel, { ...of, openedMsAgo: 0, probeInMs: 2_000 });
        return 2_000;
      }),
    markUp: (of) =>
      ask(() => {
        counts.written += 1;
        down.delete(of.upstreamModel);
      }),
    claimProbe: () =>
      ask(() => {
        counts.claimed += 1;
        return counts.claimed === 1;
      }),
    read: () => ask(() => [...down.values()]),
  };
  return { shared, counts, setAway: (away: boolean) => (isAway = away) };
}

/** Replicas over one table, on one clock. */
function replicas(count: number) {
  const clock = { ms: 1_000 };
  const { shared, counts, setAway } = table();
  const all = Array.from({ length: count }, () =>
    createBreakers(
      shared,
      () => {},
      () => clock.ms,
    ),
  );
  const [one, other] = all;
  if (one === undefined || other === undefined) throw new Error("at least two");
  const fail = (breakers = one) => breakers.noteFailure(target, { ...met, reason: "failed" });
  const open = async () => {
    for (let times = 0; times < 5; times++) fail();
    await one.idle();
  };
  return { clock, counts, setAway, all, one, other, fail, open };
}

test("opens after five failures, and every replica knows by its next reading", async () => {
  const { all, one, fail, open } = replicas(3);
  for (let times = 0; times < 4; times++) fail();
  expect(one.stateOf(target)).toBe("closed");
  await open();
  await Promise.all(all.map((breakers) => breakers.sync()));
  expect(all.map((breakers) => breakers.stateOf(target))).toEqual(["open", "open", "open"]);
});

test("writes nothing for requests that pass, or fail while it is open", async () => {
  const { counts, one, fail, open } = replicas(2);
  for (let times = 0; times < 100; times++) one.noteAnswer(target, met);
  await one.idle();
  expect(counts.written).toBe(0);
  await open();
  for (let times = 0; times < 100; times++) fail();
  await one.idle();
  expect(counts.written).toBe(1);
});

test("gives its one probe to one request of one replica", async () => {
  const { clock, all, one, other, open } = replicas(2);
  await open();
  await other.sync();
  clock.ms += 2_500;
  const states = () => all.map((breakers) => breakers.stateOf(target));
  expect(states()).toEqual(["open", "open"]);
  await Promise.all([one.idle(), other.idle()]);
  expect(states()).toEqual(["half_open", "open"]);
  expect([one.takeProbe(target), one.takeProbe(target), other.takeProbe(target)]).toEqual([
    true,
    false,
    false,
  ]);
});

/** Opens it, and takes the probe when it is due. */
async function withProbe() {
  const world = replicas(2);
  const { clock, one, other, open } = world;
  await open();
  await other.sync();
  clock.ms += 2_500;
  one.stateOf(target);
  await one.idle();
  expect(one.takeProbe(target)).toBe(true);
  return { ...world, sent: { ...met, startedMs: clock.ms, isProbe: true } };
}

test("closes when the probe is answered, everywhere", async () => {
  const { one, other, sent } = await withProbe();
  one.noteAnswer(target, sent);
  await one.idle();
  await other.sync();
  expect([one.stateOf(target), other.stateOf(target)]).toEqual(["closed", "closed"]);
});

test("stays open when the probe fails, until the next one is due", async () => {
  const { clock, counts, one, sent } = await withProbe();
  one.noteFailure(target, { ...sent, reason: "failed" });
  await one.idle();
  clock.ms += 1_900;
  expect([one.stateOf(target), counts.claimed]).toEqual(["open", 1]);
  clock.ms += 200;
  one.stateOf(target);
  await one.idle();
  expect(counts.claimed).toBe(2);
});

test("a probe whose client leaves is the next request's", async () => {
  const { one, sent } = await withProbe();
  one.noteNothing(target, sent);
  expect(one.stateOf(target)).toBe("half_open");
});

test("a probe that is answered with a time to wait is the next request's after that", async () => {
  const { clock, one, sent } = await withProbe();
  one.noteNothing(target, sent);
  one.cool(target, 3_000);
  expect(one.stateOf(target)).toBe("open");
  clock.ms += 3_001;
  expect(one.stateOf(target)).toBe("half_open");
});

test("an answer to a request from before it opened proves nothing", async () => {
  const { one, open } = replicas(2);
  await open();
  one.noteAnswer(target, { ...met, startedMs: 500 });
  expect(one.stateOf(target)).toBe("open");
});

test("without the database, a replica opens and probes by itself", async () => {
  const { clock, setAway, one, open } = replicas(2);
  setAway(true);
  await open();
  expect(one.stateOf(target)).toBe("open");
  clock.ms += 2_500;
  one.stateOf(target);
  await one.idle();
  expect(one.takeProbe(target)).toBe(true);
});

test("a target that asks to be left alone is, for as long as it asks", () => {
  const { clock, one } = replicas(2);
  one.cool(target, 3_000);
  expect(one.stateOf(target)).toBe("open");
  clock.ms += 3_001;
  expect(one.stateOf(target)).toBe("closed");
});
