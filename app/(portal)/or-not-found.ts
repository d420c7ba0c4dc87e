import { notFound } from "next/navigation";
import { ServiceError } from "#lib/http/errors";

/** The entity, or the "Page not found" page if it does not exist or the reader may not see it. */
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
