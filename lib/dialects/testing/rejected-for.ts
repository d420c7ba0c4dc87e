import { expect } from "vitest";

/** The error of a body with a field that has no such value. */
export const rejectedFor = (param: string): unknown =>
  expect.objectContaining({ code: "invalid_request", status: 400, param });
