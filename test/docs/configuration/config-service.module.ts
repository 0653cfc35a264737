import { Module } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { OidcMultiAuthModule } from 'nestjs-oidc-multi-auth';

@Module({
  imports: [
    OidcMultiAuthModule.forRootAsync({
      imports: [ConfigModule.forRoot()],
      inject: [ConfigService],
      useFactory: (config: ConfigService) => ({
        clients: [
          { name: 'core-web', audience: config.getOrThrow<string>('CORE_WEB_AUDIENCE') },
          { name: 'bcmi', audience: config.getOrThrow<string>('BCMI_AUDIENCE') },
        ],
        defaults: { issuer: config.getOrThrow<string>('SSO_ISSUER'), preset: 'gold-sso' },
        // What comes from the environment is text, and a text is no number of seconds.
        fetchTimeout: Number(config.get<string>('SSO_TIMEOUT', '3')),
      }),
      globalGuards: true,
    }),
  ],
})
export class AppModule {}
