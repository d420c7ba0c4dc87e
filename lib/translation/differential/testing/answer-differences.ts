import { differencesOf } from "./differences";
import type { Found } from "./known";
import { type Answer, type Reading, readBySdk, readByUs } from "./readings";

/** Where our reading of an answer differs from the AI SDK's, whole and streamed. */
export async function answerDifferences(answer: Answer): Promise<Found[]> {
  const forms = answer.whole === null ? [true] : [false, true];
  const found = forms.map(async (stream) => {
    const ours: Reading = readByUs(answer, stream);
    return differencesOf(ours, await readBySdk(answer, stream));
  });
  const { wire, model, name } = answer;
  return (await Promise.all(found)).flat().map((one) => ({ ...one, wire, model, of: name }));
}
