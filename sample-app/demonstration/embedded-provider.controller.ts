import { Controller, Header, HttpCode, Inject, NotFoundException, Post } from '@nestjs/common';
import { Public } from 'nestjs-oidc-multi-auth';
import type { EmbeddedProvider } from '../provider/embedded-provider';
import { DEMONSTRATED, type Demonstrated } from './demonstrated';
import { clientNamed, expiredToken } from './tokens';

/** A token, named as a token endpoint names it (RFC 6749 section 5.1). */
interface TokenAnswer {
  readonly access_token: string;
}

/**
 * What only the provider that the sample starts can do for its page. The secret of bcmi stays here; the page gets a token, as
 * if it were bcmi. No production API hands out tokens of its clients.
 */
@Public()
@Controller('demonstration')
export class EmbeddedProviderController {
  constructor(@Inject(DEMONSTRATED) private readonly demonstrated: Demonstrated) {}

  @Post('service-token')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  async serviceToken(): Promise<TokenAnswer> {
    return { access_token: await this.#provider.clientCredentials(clientNamed('bcmi')) };
  }

  @Post('expired-token')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  async expiredToken(): Promise<TokenAnswer> {
    return { access_token: await expiredToken(this.#provider) };
  }

  @Post('rotate-keys')
  @HttpCode(204)
  async rotateKeys(): Promise<void> {
    await this.#provider.rotateKeys();
  }

  get #provider(): EmbeddedProvider {
    const { provider } = this.demonstrated;
    if (provider === undefined) {
      throw new NotFoundException('this sample has started no provider');
    }
    return provider;
  }
}
