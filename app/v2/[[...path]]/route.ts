import { METHODS } from "#lib/gateway/mounts/methods";

export const dynamic = "force-dynamic";

// Of other gateways: an error that says what to use here (lib/dialects/paths.ts).
export const { DELETE, GET, PATCH, POST, PUT } = METHODS;
