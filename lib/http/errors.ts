/** Why a verb of the service layer failed. */
export type ServiceErrorCode = "invalid" | "forbidden" | "not_found" | "conflict";

/** Messages by input field ("" for the input as a whole). */
export type FieldErrors = Readonly<Record<string, string>>;

/** An expected error. Its message is meant for the user and holds no secret. */
export class ServiceError extends Error {
  override name = "ServiceError";
  constructor(
    readonly code: ServiceErrorCode,
    message: string,
    readonly fields: FieldErrors = {},
  ) {
    super(message);
  }
}

/** The message for an id that does not exist or that the actor may not see: the two must look the same. */
export const notFoundMessage = (noun: string) => `${noun.charAt(0).toUpperCase()}${noun.slice(1)} not found.`;

export const notFound = (noun: string) => new ServiceError("not_found", notFoundMessage(noun));

/** The actor can see the subject but may not do this. */
export const forbidden = (message: string) => new ServiceError("forbidden", message);

/** One input field is invalid, found by a check beyond its schema. */
export const invalidField = (field: string, message: string) =>
  new ServiceError("invalid", message, { [field]: message });
