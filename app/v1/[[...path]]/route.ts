import { METHODS } from "#lib/gateway/mounts/methods";

export const dynamic = "force-dynamic";

export const { DELETE, GET, PATCH, POST, PUT } = METHODS;
