CREATE TABLE "installation_secrets" (
	"id" smallint PRIMARY KEY DEFAULT 1 NOT NULL,
	"hashing" "bytea" NOT NULL
);
