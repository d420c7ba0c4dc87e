import fc from "fast-check";
import { expect, test } from "vitest";
import { type AnswerCount, answerBytes } from "./answer-bytes";

const LIMITS = { callerBytes: 100, processBytes: 10_000 };
const NOTHING = () => {};

/** An answer that takes room, and notes whether it is read on. */
function answerOf(count: AnswerCount) {
  const answer = { count, isRead: true, take: (bytes: number) => take(bytes) };
  function take(bytes: number): void {
    expect(count.take(bytes)).toBeNull();
    answer.isRead = count.isFree(() => {
      answer.isRead = true;
    });
  }
  return answer;
}

test("a caller's answers are read until they are too much together, and then the oldest alone", () => {
  const answers = answerBytes(LIMITS);
  const [oldest, next, other] = ["a", "a", "b"].map((caller) => answerOf(answers.open(caller)));
  oldest?.take(60);
  next?.take(40);
  expect([oldest?.isRead, next?.isRead]).toEqual([true, true]);
  next?.take(1);
  oldest?.take(50);
  other?.take(90);
  expect([oldest?.isRead, next?.isRead, other?.isRead]).toEqual([true, false, true]);
  // As long as what waits for its client is no more than the caller may have, the next one goes on.
  oldest?.count.gathered();
  expect(next?.isRead).toBe(false);
  oldest?.count.release();
  expect(next?.isRead).toBe(true);
  expect(answers.total()).toBe(131);
});

test("the next answer is read on when the oldest waits for its client alone", () => {
  const answers = answerBytes(LIMITS);
  const [oldest, next] = [answerOf(answers.open("a")), answerOf(answers.open("a"))];
  oldest.take(90);
  next.take(20);
  expect(next.isRead).toBe(false);
  oldest.count.gathered();
  expect(next.isRead).toBe(true);
});

test("an answer is given up if the process has no room for it", () => {
  const answers = answerBytes({ callerBytes: 100, processBytes: 100 });
  expect(answers.open("a").take(60)).toBeNull();
  expect(answers.open("b").take(41)).toMatchObject({ code: "service_unavailable" });
  expect(answers.open("b").take(40)).toBeNull();
});

test("no caller has more than two limits and an answer, some answer is read, and nothing stays counted", () => {
  const step = fc.record({ at: fc.nat(7), bytes: fc.integer({ min: 1, max: 60 }), does: fc.nat(5) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
      const answers = answerBytes(LIMITS);
      const open = Array.from({ length: 8 }, () => ({ answer: answerOf(answers.open("a")), bytes: 0 }));
      const gathered = new Set<number>();
      for (const { at, bytes, does } of steps) {
        const one = open[at];
        if (one === undefined || gathered.has(at)) continue;
        const most = Math.min(bytes, 200 - one.bytes);
        if (does > 0 && one.answer.isRead && most > 0) {
          one.answer.take(most);
          one.bytes += most;
        } else if (does === 0) {
          one.answer.count.gathered();
          gathered.add(at);
        }
        expect(answers.total()).toBeLessThanOrEqual(2 * LIMITS.callerBytes + 200 + 60);
        if (gathered.size === 0) expect(open.some(({ answer }) => answer.isRead)).toBe(true);
      }
      for (const { answer } of open) {
        answer.count.release();
        answer.count.release();
      }
      expect(answers.total()).toBe(0);
    }),
  );
});

test("an answer that takes no room is not counted", () => {
  const count = answerBytes(LIMITS).open("a");
  expect([count.isCounted(), count.isFree(NOTHING)]).toEqual([false, true]);
  count.gathered();
  count.release();
});
