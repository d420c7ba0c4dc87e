/** Why a verb of the service layer did not do what it was asked. */
export type ServiceErrorCode = "invalid" | "forbidden" | "not_found" | "conflict";

/** Messages by the name of the input that they are about ("" for the input as a whole). */
export type FieldErrors = Readonly<Record<string, string>>;

/** An answer, not an accident: its message is written for the person who asked and holds no secret. */
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

/** There is no such thing, or none that this actor may know of: the two must look the same. */
export const notFound = (what: string) => new ServiceError("not_found", `There is no such ${what}.`);

/** The actor sees the thing and may not do this to it. */
export const forbidden = (message: string) => new ServiceError("forbidden", message);

/** One input is wrong in a way that only the database could tell. */
export const invalidField = (field: string, message: string) =>
  new ServiceError("invalid", message, { [field]: message });
