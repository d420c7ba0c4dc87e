import { expect, test } from "vitest";
import { newCancellation } from "#lib/providers/cancellation";
import { AnswerTooLarge, CallCancelled } from "#lib/providers/upstream-error";
import { failedAttempt } from "./failed-attempt";

const failed = (error: unknown) => failedAttempt(error, { isGone: () => false }, newCancellation());

test("an answer that is too large is billed, and asked of no other target, which would bill it again", () => {
  expect(failed(new AnswerTooLarge("The provider's answer is too large"))).toMatchObject({
    final: true,
    bills: "output_so_far",
    isLeft: true,
    error: { code: "upstream_error", message: "The provider's answer is too large." },
  });
});

test("a connection that broke is another target's chance", () => {
  expect(failed(new Error("reset"))).toMatchObject({ final: false, isLeft: false });
});

test("an attempt that was stopped before it was sent bills nothing", () => {
  const stop = newCancellation();
  stop.cancel();
  const stopped = (error: unknown) => failedAttempt(error, { isGone: () => false }, stop);
  expect(stopped(new CallCancelled(false))).toMatchObject({ bills: "nothing", isLeft: false, final: true });
  for (const error of [new CallCancelled(), new Error("cut")])
    expect(stopped(error)).toMatchObject({ bills: "output_so_far", isLeft: true });
});
