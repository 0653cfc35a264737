# The portal of LemonLDAP::NG as its package starts it, but for an image library that only its captcha would want, and with
# users of our own, whose passwords are their names.
use strict;
use warnings;

package Lemonldap::NG::Portal::Captcha::None;
use Mouse;
extends 'Lemonldap::NG::Portal::Main::Plugin';
sub init { return 1 }
BEGIN { $INC{'Lemonldap/NG/Portal/Captcha/None.pm'} = __FILE__ }

package main;
use Lemonldap::NG::Portal::Main;
use Lemonldap::NG::Portal::UserDB::Demo;
%Lemonldap::NG::Portal::UserDB::Demo::demoAccounts =
  map { $_ => { uid => $_, cn => $_, mail => "$_\@example.org" } } qw(alice bob);
%Lemonldap::NG::Portal::UserDB::Demo::demoGroups = ();
Lemonldap::NG::Portal::Main->run( {} );
