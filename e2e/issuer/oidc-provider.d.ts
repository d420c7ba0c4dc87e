/** Types for what the local issuer uses of oidc-provider, which has none. */
declare module "oidc-provider" {
  import type { IncomingMessage, ServerResponse } from "node:http";

  type Grant = { addOIDCScope(scope: string): void; save(): Promise<string> };

  type Context = {
    oidc: { provider: Provider; client: { clientId: string }; session: { accountId: string } };
  };

  type Configuration = {
    clients: {
      client_id: string;
      client_secret: string;
      redirect_uris: string[];
      grant_types: string[];
      response_types: string[];
    }[];
    jwks: { keys: object[] };
    cookies: { keys: string[] };
    claims: Record<string, string[]>;
    conformIdTokenClaims: boolean;
    pkce: { required: () => boolean };
    features: { devInteractions: { enabled: boolean } };
    interactions: { url: (context: Context, interaction: { uid: string }) => string };
    ttl: Record<string, number>;
    findAccount: (
      context: Context,
      id: string,
    ) => { accountId: string; claims: () => Record<string, unknown> } | undefined;
    loadExistingGrant: (context: Context) => Promise<Grant>;
  };

  type InteractionResult =
    | { login: { accountId: string; remember: boolean } }
    | { error: string; error_description: string };

  export class Provider {
    constructor(issuer: string, configuration: Configuration);
    /** What it says to be, in its configuration and in ID tokens. */
    issuer: string;
    Grant: new (properties: {
      clientId: string;
      accountId: string;
    }) => Grant;
    callback(): (request: IncomingMessage, response: ServerResponse) => void;
    interactionFinished(
      request: IncomingMessage,
      response: ServerResponse,
      result: InteractionResult,
    ): Promise<void>;
  }
}
