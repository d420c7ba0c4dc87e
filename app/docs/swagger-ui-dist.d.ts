declare module "swagger-ui-dist/swagger-ui-es-bundle" {
  type Options = {
    url: string;
    domNode: HTMLElement;
    validatorUrl: string | null;
    deepLinking: boolean;
    docExpansion: "list" | "full" | "none";
    defaultModelsExpandDepth: number;
  };
  export default function swaggerUi(options: Options): void;
}
declare module "swagger-ui-dist/swagger-ui.css";
