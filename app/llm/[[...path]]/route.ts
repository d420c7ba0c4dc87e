import { METHODS } from "#lib/gateway/mounts/methods";

export const dynamic = "force-dynamic";

// An alias of /v1 (lib/dialects/paths.ts). Next would match a rewrite against every request.
export const { DELETE, GET, PATCH, POST, PUT } = METHODS;
