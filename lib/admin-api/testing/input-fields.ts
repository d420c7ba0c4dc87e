import { z } from "zod";
import type { Operation } from "../operation";

/** The names of an operation's path parameters, and of the fields of its query or body. */
export function inputFields({ path, input }: Pick<Operation, "path" | "input">): {
  inPath: string[];
  others: string[];
} {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].flatMap(([, name]) => (name === undefined ? [] : [name]));
  const fields = input instanceof z.ZodObject ? Object.keys(input.shape) : [];
  return { inPath, others: fields.filter((field) => !inPath.includes(field)) };
}
