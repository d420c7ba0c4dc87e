import { invalidField } from "#lib/dialects/errors/invalid-field";
import { isObject, type JsonObject } from "#lib/dialects/text/json-fields";
import type { Verdict } from "./fault";

/**
 * Checks the messages or items of a conversation, up to the first fault.
 * @param field where they are in the body
 * @param faultOf judges one of them, by the options
 * @throws ApiError invalid_request, or unsupported_parameter for what is stored at a provider; `param` names the place
 */
export function checkEach<Options>(
  field: string,
  elements: readonly unknown[],
  faultOf: (element: JsonObject, options: Options) => Verdict,
  options: Options,
): readonly JsonObject[] {
  return elements.map((element, at) => {
    if (!isObject(element)) throw invalidField(`${field}[${at}]`, "must be an object");
    const fault = faultOf(element, options);
    if (fault) throw fault.error(`${field}[${at}]${fault.at}`);
    return element;
  });
}
