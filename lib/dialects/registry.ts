import { chat } from "./chat/dialect";
import { completions } from "./completions/dialect";
import type { Dialect } from "./dialect";
import { embeddings } from "./embeddings/dialect";
import { messages } from "./messages/dialect";
import { responses } from "./responses/dialect";

/** The dialects that clients may speak, each at its own endpoint: a new one is a folder and a line here. */
export const DIALECTS: readonly Dialect[] = [chat, completions, embeddings, responses, messages];
