import { chatClient } from "./clients/chat/client";
import { messagesClient } from "./clients/messages/client";
import { responsesClient } from "./clients/responses/client";
import type { ClientFormat, WireFormat } from "./format";
import { chatWire } from "./wires/chat/wire";
import { converseWire } from "./wires/converse/wire";
import { geminiWire } from "./wires/gemini/wire";
import { messagesWire } from "./wires/messages/wire";
import { responsesWire } from "./wires/responses/wire";

/** A new dialect is a folder in clients/ and a line here. */
export const CLIENTS: readonly ClientFormat[] = [chatClient, messagesClient, responsesClient];

/** A new wire is a folder in wires/ and a line here: best first, for a target that speaks several. */
export const WIRES: readonly WireFormat[] = [messagesWire, geminiWire, converseWire, responsesWire, chatWire];
