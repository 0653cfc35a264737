import { Module } from '@nestjs/common';
import { ConfigModule, registerAs, type ConfigType } from '@nestjs/config';
import { Ajv } from 'ajv';
import { OidcMultiAuthModule, type OidcMultiAuthOptions } from 'nestjs-oidc-multi-auth';
import schema from 'nestjs-oidc-multi-auth/options.schema.json';
import { readFileSync } from 'node:fs';

const ajv = new Ajv({ allErrors: true });
const isOptions = ajv.compile<OidcMultiAuthOptions & { $schema?: string }>(schema);

const authOptions = registerAs('auth', (): OidcMultiAuthOptions => {
  const read: unknown = JSON.parse(readFileSync('auth.json', 'utf8'));
  if (!isOptions(read)) {
    throw new Error(`auth.json: ${ajv.errorsText(isOptions.errors, { dataVar: 'options' })}`);
  }
  // For editors, and no option.
  const { $schema: _schema, ...options } = read;
  return options;
});

@Module({
  imports: [
    OidcMultiAuthModule.forRootAsync({
      imports: [ConfigModule.forFeature(authOptions)],
      inject: [authOptions.KEY],
      useFactory: (options: ConfigType<typeof authOptions>) => options,
      globalGuards: true,
    }),
  ],
})
export class AppModule {}
