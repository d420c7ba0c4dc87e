import type { ExplainAnswer } from "#lib/services/models/explainer";
import { explainer } from "#lib/services/models/explainer";
import type { FromPortal } from "./messages";

const ANSWERED_WITHIN_MS = 15_000;

type Waiting = { resolve: (answer: ExplainAnswer) => void; reject: (error: Error) => void };

/**
 * Has requests explained by the parent, whose gateway knows what would happen to them.
 * @returns what takes the parent's answers
 */
export function explainByParent(
  send: (message: FromPortal) => void,
): (id: number, answer: ExplainAnswer | null) => void {
  const waiting = new Map<number, Waiting>();
  let last = 0;
  explainer().explain = (question) =>
    new Promise<ExplainAnswer>((resolve, reject) => {
      last += 1;
      const id = last;
      const timeout = setTimeout(
        () => settle(id, null, "The data plane did not answer in time."),
        ANSWERED_WITHIN_MS,
      );
      timeout.unref();
      waiting.set(id, {
        resolve: (answer) => {
          clearTimeout(timeout);
          resolve(answer);
        },
        reject,
      });
      send({ kind: "explain", id, question });
    });
  function settle(id: number, answer: ExplainAnswer | null, why: string): void {
    const found = waiting.get(id);
    waiting.delete(id);
    if (answer === null) found?.reject(new Error(why));
    else found?.resolve(answer);
  }
  return (id, answer) => settle(id, answer, "The data plane could not explain the request.");
}
