import { notFound } from "next/navigation";
import { ServiceError } from "#lib/http/errors";

/** What was read; the page for what is not there where it is not, or is not for whoever looks. */
export async function orNotFound<T>(reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof ServiceError && (error.code === "not_found" || error.code === "forbidden")) {
      notFound();
    }
    throw error;
  }
}
