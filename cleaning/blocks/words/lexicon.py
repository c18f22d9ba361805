"""What the words of a short line say about it: groups of words in many languages, as bits.

Like the class names these are features, never rules: the rules with whole phrases are in cleaning/rules/.
"""

from __future__ import annotations

from functools import cache

_WORDS = """
related: related read more also see recommended recommend popular trending latest most similar further next
    previous mehr lesen lesetipp weiterlesen weitere auch dazu thema themen meistgelesen empfehlungen empfohlen
    lire aussi plus lus suite lee leer más también relacionadas relacionados noticias leggi anche altre leia
    mais também veja lees ook meer czytaj także też więcej zobacz читайте также читай ещё еще похожие новости
    ilgili haberler اقرأ المزيد أيضا 関連 記事 関連記事 相关 阅读 更多 관련 기사
    läs också mer læs også les lue myös citește și
share: share follow facebook twitter whatsapp telegram instagram linkedin pinterest reddit tiktok youtube
    bluesky threads email print copy teilen folgen drucken merken kopieren partager suivre imprimer compartir
    síguenos imprimir condividi seguici compartilhar siga deel volg udostępnij поделиться подписаться paylaş
    شارك シェア 分享 공유 dela del jaa tweet pin
signup: newsletter newsletters subscribe subscribed subscription subscriber subscribers sign inbox register
    login log unlock premium trial account abonnieren anmelden registrieren abo abonnenten abonnement abonnez
    inscrivez suscríbete suscribirse suscriptores regístrate iscriviti abbonati assine inscreva abonneer
    aanmelden subskrybuj подпишитесь abone 購読 会員 登録 订阅 구독 prenumerera donate donation support spenden
    unterstützen
comment: comment comments commented reply replies respond discussion discuss kommentar kommentare kommentieren
    diskutieren forum commentaire commentaires réagir comentario comentarios commenti commento comentários
    reacties reageer komentarze комментарии комментарий yorum yorumlar تعليق コメント 评论 댓글
advert: ad ads advertisement advertising sponsored sponsor promo promotion anzeige werbung publicité publicidad
    pubblicità publicidade advertentie reklama reklam реклама إعلان 広告 广告 광고 affiliate deal deals buy shop sale
    discount coupon price prices kaufen angebot
credit: photo photos photograph photography photographer image images picture credit courtesy getty reuters ap
    afp dpa epa imago shutterstock istock unsplash pexels alamy foto fotos bild bilder archiv archivbild
    symbolbild fotografía imagen imagem zdjęcie fot фото صورة 写真 图 사진 crédito crédit illustration grafik apa
    keystone picture-alliance alliance video videos watch
byline: by author authors written writer editor editorial reporter correspondent contributor staff von autor
    autorin redaktion redakteur redakteurin par auteur rédaction por redacción periodista di redazione porto
    autore redakcja автор редакция yazar 編集 记者 기자 published updated posted last edited reviewed veröffentlicht
    aktualisiert stand publié actualizado publicado aggiornato opublikowano опубликовано обновлено uhr min
    minutes read lesezeit minuten
legal: copyright rights reserved terms privacy policy cookie cookies conditions disclaimer imprint contact about
    impressum datenschutz agb kontakt rechte vorbehalten mentions légales droits réservés derechos reservados
    privacidad aviso diritti riservati direitos voorwaarden prawa zastrzeżone права защищены gizlilik careers
    jobs advertise faq help sitemap rss consent javascript browser enable
tags: tags tag topics topic keywords categories category filed under schlagworte schlagwörter stichworte mots
    clés etiquetas temas tagi теги etiketler タグ 标签 태그 section archived
action: click here tap download contact call book get start started try learn join shop visit view show hide
    close open menu search play listen jetzt hier klicken cliquez ici haga clic aquí clicca clique klik kliknij
    нажмите tıklayın back top home load loading skip
"""
GROUPS: tuple[str, ...] = tuple(line.split(": ", 1)[0] for line in _WORDS.strip().replace("\n    ", " ").split("\n"))


@cache
def word_bits() -> dict[str, int]:
    """Lower-cased word → bits of the groups it belongs to; bit n stands for ``GROUPS[n]``."""
    bits: dict[str, int] = {}
    for n, line in enumerate(_WORDS.strip().replace("\n    ", " ").split("\n")):
        for word in line.split(": ", 1)[1].split():
            bits[word] = bits.get(word, 0) | 1 << n
    return bits
